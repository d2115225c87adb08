import type { Same } from '../../../../words/shape.ts'
import type en from './en.ts'

export default {
  title: 'Wie sie alle erreicht',
  lead: 'Wird nachgesehen, während Sie Personen hinzufügen. Gesendet wird dabei nichts.',
  nobody: 'Noch niemand',
  nobodyHint: 'Fügen Sie eine Adresse hinzu, dann sehen Sie hier, ob es einen Schlüssel gibt.',
  failed: 'Die Schlüssel ließen sich nicht nachsehen.',
  encrypted: 'Verschlüsselt',
  unconfirmed: 'Verschlüsselt, Schlüssel nicht bestätigt',
  newKey: 'Verschlüsselt, mit neuem Schlüssel',
  guest: 'Als Gast',
  newGuest: 'Wird Gast',
  no: 'Kann sie nicht bekommen',
  invalid: 'Keine Mailadresse',
  looking: 'Wird gesucht …',
  how: {
    encrypted: 'Der Schlüssel {{source}}.',
    unconfirmed:
      'Der Schlüssel {{source}}. Niemand hat bestätigt, dass er der richtige ist: Vergleichen Sie ihn unter Briefpartner, wenn es darauf ankommt.',
    newKey:
      'Dieses Konto hier hat noch keinen Schlüssel. Beim Senden wird einer gemacht, und eine Mail sagt, wie man ihn benutzt.',
    guest: 'Kein Schlüssel, aber Gast hier: liest sie auf diesem Server mit eigenem Passwort.',
    waitingGuest: 'Kein Schlüssel, aber Gast hier, noch ohne eigenes Passwort.',
    newGuest: 'Kein Schlüssel gefunden. Diese Person bekommt einen Link und liest die Nachricht auf diesem Server.',
    invalid: 'An dieser Adresse fehlt etwas, oder sie ist vertippt. Nehmen Sie sie heraus und geben Sie sie neu ein.',
    looking: 'Ein Schlüssel wird gesucht.',
  },
  reasons: {
    'no-key':
      'Kein Schlüssel gefunden, und dieser Server nimmt keine Gäste auf. Bitten Sie um einen Schlüssel und laden Sie ihn unter Briefpartner hoch.',
    'no-own-key':
      'Dieses Konto hier hat keinen Schlüssel und kann keinen bekommen. Bitten Sie darum, unter Schlüssel einen zu erzeugen.',
    expired: 'Der Schlüssel ist abgelaufen. Bitten Sie darum, ihn zu erneuern, und sehen Sie wieder nach.',
    revoked: 'Der Schlüssel wurde widerrufen. Bitten Sie um den neuen und laden Sie ihn unter Briefpartner hoch.',
    'not-yet-valid': 'Der Schlüssel gilt noch nicht. Fragen Sie nach.',
    'no-encryption-subkey':
      'Der Schlüssel kann nur signieren, verschlüsseln lässt sich damit nichts. Bitten Sie um einen anderen.',
    'sha1-binding': 'Der Schlüssel beruht auf einem gebrochenen Verfahren. Bitten Sie darum, ihn zu erneuern.',
    weak: 'Der Schlüssel ist zu schwach, um etwas zu schützen. Bitten Sie um einen neuen.',
    'guest-refuses': 'Diese Person will keine verschlüsselten Mails von diesem Server. Schreiben Sie auf anderem Weg.',
    'guest-for-file':
      'Diese Person hat keinen Schlüssel. Senden Sie eine Nachricht mit der Datei im Anhang: Sie lässt sich hier über einen Link lesen.',
    other: 'Der bekannte Schlüssel ist nicht verwendbar. Bitten Sie um einen anderen.',
  },
} as const satisfies Same<typeof en>
