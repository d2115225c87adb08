import type { Same } from '../../../words/shape.ts'
import type en from './en.ts'

export default {
  title: 'Was fehlt Ihnen?',
  lead: 'Wählen Sie, was Sie nicht finden. Nichts ändert sich, bevor Sie gezeigt haben, dass Sie es sind.',
  toSignIn: 'Zur Anmeldung',
  stepOf: 'Schritt {{now}} von {{all}}',
  again: 'Wieder in {{wait}}',
  sendAgain: 'Noch einmal senden',
  start: {
    name: 'Mein Benutzername',
    nameText: 'Wir senden ihn an Ihre Mailadresse oder Ihr Telefon.',
    password: 'Mein Passwort',
    passwordText: 'Mit einem Code wählen Sie ein neues.',
    phone: 'Mein Telefon oder mein zweiter Schritt',
    phoneText: 'Sie kennen das Passwort, können es aber nicht bestätigen.',
  },
  lost: {
    title: 'Bitte beginnen Sie noch einmal',
    text: 'Die Seite wurde neu geladen und behält nichts, was Sie eingegeben haben. Ein Code, den Sie bekommen haben, gilt noch: wählen Sie „Ich habe schon einen Code“.',
  },
  name: {
    title: 'Ihr Benutzername',
    lead: 'Geben Sie eine Adresse oder Nummer ein, die Sie zum Schutz Ihres Kontos eingerichtet haben.',
    target: 'Mailadresse oder Telefonnummer',
    targetHint: 'Eine Nummer mit Landesvorwahl, etwa +41 44 668 18 00.',
    send: 'Namen senden',
    sent: 'Sehen Sie in Ihre Mails oder Nachrichten.',
    sentWhere: 'Gehört diese Adresse oder Nummer zu einem Konto, ist dessen Benutzername dorthin unterwegs.',
    sentWhen: 'Das kann ein, zwei Minuten dauern. Eine Mail kann auch unter den unerwünschten liegen.',
    sentNothing:
      'Diese Seite sagt bei jeder Adresse dasselbe. Kommt nichts, versuchen Sie eine andere, oder fragen Sie den Support.',
  },
  who: {
    lead: 'Zuerst: um wessen Konto geht es?',
    name: 'Benutzername',
    nameHint: 'Meist Ihre Mailadresse.',
    haveCode: 'Ich habe schon einen Code',
    off: 'Dafür gibt es hier keine Codes. Fragen Sie die Verwaltung oder den Support.',
  },
  where: {
    title: 'Wohin soll der Code?',
    lead: 'Zu Ihrer Sicherheit ist nur ein Teil zu sehen. Den Rest geben Sie selbst ein.',
    way: 'Code senden als',
    email: 'Die ganze Mailadresse',
    sms: 'Die ganze Telefonnummer',
    hint: 'Genau so, wie Sie sie eingerichtet haben.',
    send: 'Code senden',
    none: 'Zurzeit lassen sich keine Codes senden. Versuchen Sie es später, oder fragen Sie den Support.',
    unknown:
      'Nichts davon gehört Ihnen? Dann ist vielleicht der Benutzername vertippt: gehen Sie zurück und sehen Sie nach.',
  },
  code: {
    title: 'Code eingeben',
    lead: 'Wenn alles stimmte, ist ein Code unterwegs an {{target}}.',
    leadHave: 'Geben Sie den Namen des Kontos ein und den Code, den Sie dafür bekommen haben.',
    label: 'Code aus der Nachricht',
    hintMail: 'Am besten kopieren Sie ihn und fügen ihn hier ein. Groß und klein ist gleich.',
    hintSms: 'Acht Ziffern. Sie können sie einfügen, mit oder ohne Leerzeichen.',
    waitMail: 'Das kann ein, zwei Minuten dauern. Die Mail kann auch unter den unerwünschten liegen.',
    waitSms: 'Das kann ein, zwei Minuten dauern.',
    nothing:
      'Kommt nichts, stimmt vielleicht der Name oder die Adresse nicht ganz: gehen Sie zurück und sehen Sie nach. Diese Seite kann nicht sagen, was davon.',
    wrong:
      'Dieser Code stimmt nicht. Vielleicht ist er vertippt, zu alt, schon verwendet oder für einen anderen Namen. Nur der neueste gilt.',
  },
  password: { title: 'Ein neues Passwort' },
  new: {
    title: 'Neues Passwort wählen',
    lead: 'Der Code stimmte. Nun das Passwort, das von jetzt an gelten soll.',
    for: 'Für {{name}}',
    label: 'Neues Passwort',
    set: 'Dieses Passwort setzen',
    fixed: 'Das Passwort dieses Kontos darf nur die Verwaltung ändern. Fragen Sie dort.',
    late: 'Der Code ist inzwischen zu alt oder verwendet. Gehen Sie an den Anfang und lassen Sie einen neuen senden.',
  },
  done: {
    title: 'Ihr neues Passwort ist gesetzt',
    lead: 'Sie können sich jetzt damit anmelden.',
    step: 'Ihr zweiter Schritt bleibt, wie er war: haben Sie einen, fragt die Anmeldung danach wie zuvor.',
    other:
      'Die Adresse oder Nummer, die gerade den Code bekam, kann vorerst nicht dieser zweite Schritt sein. Nehmen Sie einen anderen Weg oder einen Wiederherstellungscode.',
    out: 'Alle wurden überall abgemeldet, und App-Passwörter gelten nicht mehr: ein Mailprogramm, das eines hatte, braucht ein neues.',
  },
  phone: {
    title: 'Der zweite Schritt fehlt',
    lead: 'Telefon verloren, neu oder kaputt? Versuchen Sie zuerst die kurzen Wege.',
    codes: 'Sie haben Wiederherstellungscodes',
    codesText:
      'Das ist das Blatt oder die Datei mit zehn Codes aus der Zeit, als Sie den zweiten Schritt einrichteten. Melden Sie sich an wie immer; beim zweiten Schritt wählen Sie „Wiederherstellungscode“ und geben einen davon ein. Jeder gilt einmal.',
    otherWay:
      'Der zweite Schritt zeigt auch jeden anderen Weg, den Sie haben: einen Passkey, eine andere Adresse oder Nummer.',
    signIn: 'Damit anmelden',
    none: 'Sie haben nichts davon',
    noneText:
      'Dann können Sie den zweiten Schritt entfernen lassen. Das dauert, damit es niemand anderes unbemerkt tut:',
    needs:
      'Sie brauchen Ihren Benutzernamen, Ihr Passwort und eine Adresse oder Nummer von Ihnen, an die ein Code gehen kann.',
    waits: 'Dann geschieht drei Tage lang nichts, falls die Verwaltung keine andere Zeit gewählt hat.',
    told: 'Ihr Postfach und alle Ihre anderen Adressen und Nummern erfahren es sofort.',
    stops:
      'Der Link in diesen Nachrichten hält es an und meldet alle ab. Auch eine Anmeldung mit dem zweiten Schritt hält es an.',
    after: 'Danach melden Sie sich nur mit dem Passwort an und richten einen neuen zweiten Schritt ein.',
    begin: 'Ich habe nichts davon: beginnen',
  },
  ask: {
    title: 'Zweiten Schritt entfernen lassen',
    lead: 'Der Code stimmte. Zuletzt Ihr Passwort.',
    submit: 'Jetzt darum bitten',
    told: 'Nun gehen Nachrichten an alle Ihre Adressen und Nummern, jede mit einem Link, der es anhält.',
    wrong:
      'Das Passwort stimmt nicht, oder der Code ist inzwischen zu alt. Beide werden zusammen geprüft: sehen Sie nach beiden.',
    unneeded: 'Dieses Konto verlangt keinen zweiten Schritt: Sie können sich einfach mit dem Passwort anmelden.',
    sameWay:
      'Ihr Passwort wurde über dieselbe Adresse oder Nummer gesetzt: sie allein genügt nicht. Gehen Sie zurück und lassen Sie den Code auf einem anderen Weg senden, oder fragen Sie den Support.',
  },
  waiting: {
    title: 'Die Wartezeit läuft',
    until: 'Ihr zweiter Schritt wird entfernt am',
    mails: 'Ihr Postfach und alle Ihre anderen Adressen und Nummern erfahren es jetzt. Sie brauchen nichts zu tun.',
    stop: 'Waren Sie es nicht? Der Link in diesen Nachrichten hält es an und meldet alle ab.',
    found: 'Das Telefon ist doch noch da? Melden Sie sich einfach damit an: auch das hält es an.',
    after:
      'Wenn es so weit ist, erfahren Sie es noch einmal. Dann melden Sie sich mit dem Passwort an und richten einen neuen zweiten Schritt ein.',
  },
} as const satisfies Same<typeof en>
