import type { Same } from '../../words/shape.ts'
import type en from './en.ts'

export default {
  again: 'Neu beginnen',
  send: 'Code senden',
  confirm: 'Bestätigen',
  ways: {
    label: 'Wege, zu bestätigen, dass Sie es sind',
    best: 'Empfohlen',
    other: 'Anderen Weg wählen',
    none: 'Dieser Server bietet für Ihr Konto keinen zweiten Schritt an. Fragen Sie Ihre Verwaltung.',
    existing: 'Nehmen, was schon eingerichtet ist',
    existingText: 'Ihr Konto hat schon einen Weg, zu bestätigen, dass Sie es sind.',
    authApp: 'Authenticator-App',
    authAppText: 'Eine App auf Ihrem Telefon zeigt alle 30 Sekunden einen neuen Code, auch ohne Verbindung.',
    passkey: 'Passkey',
    passkeyText:
      'Ihr Fingerabdruck, Ihr Gesicht, die PIN des Geräts oder ein Sicherheitsschlüssel. Schützt am besten vor gefälschten Seiten.',
    sms: 'SMS',
    smsText: 'Jedes Mal kommt ein Code auf Ihr Telefon.',
    email: 'Mail an eine andere Adresse',
    emailText: 'Jedes Mal kommt ein Code in ein Postfach anderswo.',
  },
  app: {
    install: 'Öffnen Sie auf Ihrem Telefon eine Authenticator-App, oder installieren Sie eine aus dessen App-Store.',
    scan: 'Fügen Sie in der App ein Konto hinzu und scannen Sie dieses Bild.',
    enter: 'Geben Sie die sechs Ziffern ein, die die App zeigt.',
    picture: 'QR-Code zum Scannen mit einer Authenticator-App',
    open: 'Die App auf diesem Gerät öffnen,',
    openHint: 'wenn Sie dies auf Ihrem Telefon lesen.',
    type: 'Oder tippen Sie diesen Einrichtungsschlüssel in die App:',
    secret: 'Einrichtungsschlüssel',
    action: 'Code bestätigen',
  },
  email: {
    label: 'Mailadresse',
    hint: 'Eine, die Sie ohne dieses Konto lesen können.',
    unfit: 'Diese Adresse geht nicht. Geben Sie eine Mailadresse anderswo ein, nicht die dieses Kontos.',
    sent: 'Ein Code ist unterwegs an {{target}}. Er gilt zehn Minuten.',
    change: 'Adresse ändern',
  },
  sms: {
    label: 'Mobilnummer',
    hint: 'Mit der Landesvorwahl, etwa +41 44 668 18 00.',
    unfit:
      'An diese Nummer lassen sich keine Nachrichten senden. Geben Sie sie mit der Landesvorwahl ein, etwa +41 44 668 18 00.',
    sent: 'Ein Code ist unterwegs an {{target}}. Er gilt zehn Minuten.',
    change: 'Nummer ändern',
  },
  passkey: {
    text: 'Ihr Gerät fragt nach Fingerabdruck, Gesicht oder PIN. Vielleicht bietet es auch einen Sicherheitsschlüssel oder Ihr Telefon an.',
    name: 'Name für diesen Passkey (freiwillig)',
    nameHint: 'Damit Sie ihn wiedererkennen, etwa „Laptop“.',
    action: 'Passkey erstellen',
    made: 'Der Passkey ist erstellt. Verwenden Sie ihn jetzt einmal, damit Sie wissen, dass er funktioniert.',
    show: 'Passkey verwenden',
  },
  on: {
    text: 'Bestätigen Sie einmal mit dem, was Sie haben. Von da an wird bei jeder Anmeldung danach gefragt.',
    action: 'Einschalten',
  },
  codes: {
    text: 'Verlieren Sie, womit Sie bestätigen, so lässt Sie einer dieser Codes ein. Jeder gilt einmal. Sie werden nur jetzt gezeigt: bewahren Sie sie dort auf, wo Ihr Telefon nicht ist.',
    label: 'Wiederherstellungscodes',
    heading: 'Wiederherstellungscodes für {{account}} bei {{house}}',
    made: 'Erstellt am {{date}}',
    paper: 'Jeder Code gilt einmal, anstelle des zweiten Schritts. Bewahren Sie sie getrennt vom Telefon auf.',
    file: 'wiederherstellungscodes.txt',
    download: 'Als Datei sichern',
    print: 'Drucken',
    kept: 'Ich habe sie sicher verwahrt',
    action: 'Weiter',
  },
  errors: {
    METHOD_EXISTS: 'Das hat Ihr Konto schon.',
    TOO_MANY_METHODS:
      'Es sind zu viele begonnen oder in Gebrauch. Entfernen Sie, was Sie nicht mehr brauchen, oder melden Sie sich ab und neu an, um von vorn zu beginnen.',
    TOO_MANY_PASSKEYS: 'Ihr Konto hat so viele Passkeys wie möglich. Entfernen Sie einen, den Sie nicht mehr brauchen.',
    TOO_MANY_REQUESTS: 'Das war zu oft in kurzer Zeit.',
    NOT_AVAILABLE:
      'An der Adresse, unter der dieser Server erreicht wird, funktionieren Passkeys nicht. Wählen Sie einen anderen Weg.',
    INVALID_TOKEN: 'Dieser Code stimmt nicht oder ist zu alt. Geben Sie den neuesten ein.',
    TOKEN_ALREADY_USED: 'Dieser Code wurde schon verwendet. Warten Sie, bis ein neuer da ist.',
  },
} as const satisfies Same<typeof en>
