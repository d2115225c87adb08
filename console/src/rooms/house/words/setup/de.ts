import type { Same } from '../../../../words/shape.ts'
import type en from './en.ts'

export default {
  mail: {
    title: 'Mailversand',
    missing:
      'Der Server kennt keinen Mailserver für seine Briefe: weder Codes noch Links noch Hinweise gehen hinaus. Sie warten, und die meisten nützen nichts mehr, bis sie gehen könnten.',
    advice: 'Ein Mailserver ist genannt, aber der letzte Brief ließ sich nicht übergeben.',
    ok: 'Briefe gehen hinaus.',
    how: 'Nennen Sie Ihren Mailserver, mit Benutzer und Passwort, falls er sie verlangt:',
    mend: 'Das sind die Worte des Mailservers. Beheben Sie, was er sagt; wartende Briefe werden von selbst wieder versucht, oder sofort aus dem Postausgang.',
  },
  'mail-sender': {
    title: 'Absender unserer Briefe',
    missing: 'Briefe gehen als „{{sender}}“ hinaus. Kein Mailserver draußen nimmt das als Absender an.',
    advice: 'Geben Sie den Briefen einen Absender Ihrer Domain, bevor welche hinausgehen.',
    ok: 'Briefe kommen von {{sender}}.',
    how: 'Nehmen Sie eine Adresse Ihrer Domain, von der Ihr Mailserver senden darf:',
  },
  sms: {
    title: 'SMS',
    missing: 'SMS können nicht gesendet werden.',
    advice:
      'Es werden keine SMS gesendet. Ohne sie kann niemand eine Telefonnummer als zweiten Schritt verwenden; alles andere geht.',
    ok: 'SMS gehen hinaus.',
    how: 'Wenn Sie welche möchten, nennen Sie einen Anbieter; welchen Benutzer und welches Token er verlangt, steht in docs/settings.md:',
    mend: 'Die letzte SMS ließ sich nicht übergeben. Das sind die Worte des Anbieters:',
  },
  gateway: {
    title: 'Mail-Gateway',
    missing: 'Das Gateway nimmt Mail an, weiß aber nicht, wohin damit.',
    advice: 'Das Gateway ließe sich besser einrichten.',
    ok: 'Das Gateway verschlüsselt Mail unterwegs.',
    unused: 'Das Gateway wird nicht verwendet.',
    how: 'Nennen Sie den Mailserver, der bekommt, was das Gateway verschlüsselt hat:',
  },
  guests: {
    title: 'Gäste',
    missing: 'Gäste können nicht eingeladen werden.',
    advice:
      'Wer keinen Schlüssel hat, könnte verschlüsselte Mail hier als Gast lesen; ohne Mailversand kann ihn aber niemand einladen.',
    ok: 'Wer keinen Schlüssel hat, wird eingeladen, seine Mail hier zu lesen.',
    unused: 'Gäste sind ausgeschaltet: wer keinen Schlüssel hat, bekommt keine verschlüsselte Mail.',
    how: 'Richten Sie zuerst den Mailversand ein. Möchten Sie keine Gäste, schalten Sie sie aus:',
  },
  'public-url': {
    title: 'Öffentliche Adresse',
    missing:
      'Niemand hat gesagt, wie man diesen Server erreicht. Links in Briefen führen zu {{url}}, was für wenige geht.',
    advice: 'Die öffentliche Adresse könnte besser sein.',
    ok: 'Man erreicht diesen Server unter {{url}}.',
    how: 'Schreiben Sie auf, welche Adresse man in den Browser eingibt:',
  },
  tls: {
    title: 'Verschlüsselte Verbindungen',
    missing: 'Browser erreichen diesen Server unverschlüsselt: Passwörter reisen im Klartext.',
    expired: 'Das Zertifikat ist abgelaufen. Browser warnen vor diesem Server.',
    advice: 'Das Zertifikat hat der Server selbst gemacht, und Browser warnen davor.',
    soon: 'Das Zertifikat läuft bald ab.',
    ok: 'Verbindungen sind verschlüsselt.',
    proxy: 'Der Server davor verschlüsselt die Verbindungen.',
    how: 'Nennen Sie einen Ordner mit cert.pem und key.pem. Hat ein Server davor das Zertifikat, schreiben Sie stattdessen https:// in die öffentliche Adresse:',
    renew:
      'Legen Sie ein neues Zertifikat in denselben Ordner. Es wird beim nächsten Start gelesen, oder sofort von der Seite „System“ aus.',
  },
  'trusted-proxies': {
    title: 'Server davor',
    missing:
      'Offenbar steht ein anderer Server vor diesem und ist nicht genannt: alle scheinen vom selben Ort zu kommen. Wer Passwörter rät, lässt dann alle anderen warten.',
    advice: 'Der Server davor ließe sich besser beschreiben.',
    ok: 'Woher jemand kommt, ist bekannt.',
    unused: 'Es muss kein Server davor genannt werden.',
    how: 'Nennen Sie die Adressen des Servers davor:',
  },
  backup: {
    title: 'Sicherung der Datenbank',
    missing:
      'Noch niemand hat gesagt, dass es eine Sicherung gibt. Ohne sie nimmt eine defekte Platte jedes Konto und jeden Schlüssel mit.',
    advice: 'Die letzte Sicherung ist über eine Woche alt.',
    ok: 'Eine Sicherung wurde erstellt.',
    how: 'Führen Sie das jede Nacht aus, und bewahren Sie das Ergebnis auf einem anderen Rechner auf. Der Server kann dabei laufen:',
    script:
      'Sagen Sie es dann dieser Seite, hier oder am Ende Ihres Skripts (bin/chatelaine backup done database, siehe docs/administration.md).',
    done: 'Ich habe gerade eine Sicherung erstellt',
    noted: 'Notiert: gerade wurde eine Sicherung erstellt.',
  },
  'key-file': {
    title: 'Kopie der Schlüsseldatei',
    missing:
      'Noch niemand hat gesagt, dass es eine Kopie der Schlüsseldatei gibt. Ohne sie lässt sich keine Sicherung der Datenbank öffnen.',
    advice: 'Die Kopie der Schlüsseldatei könnte alt sein.',
    ok: 'Eine Kopie der Schlüsseldatei wurde erstellt.',
    how: 'Kopieren Sie sie einmal, und bewahren Sie die Kopie getrennt von den Sicherungen der Datenbank auf: wer beides hat, kann Versiegeltes lesen.',
    script: 'Sie ändert sich nicht: einmal genügt.',
    done: 'Ich habe sie kopiert',
    noted: 'Notiert: es gibt eine Kopie der Schlüsseldatei.',
  },
  database: {
    title: 'Datenbank',
    missing: 'Die Datenbank ist nicht eingerichtet.',
    advice: 'Die Datenbank ließe sich besser einrichten.',
    ok: 'SQLite, eine Datei beim Server.',
    postgres: 'PostgreSQL.',
    how: 'Für mehrere Server zugleich nehmen Sie PostgreSQL:',
  },
  metrics: {
    title: 'Beobachtung',
    missing: 'Niemand beobachtet diesen Server.',
    advice:
      'Diese Seite zeigt die letzte Viertelstunde. Wer mehr sehen und bei Störungen geweckt werden möchte, lässt Prometheus zusehen.',
    ok: 'Prometheus kann diesen Server beobachten.',
    how: 'Öffnen Sie dafür eine Stelle, die von außen nicht erreichbar ist:',
  },
} as const satisfies Same<typeof en>
