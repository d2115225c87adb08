import type { Same } from '../../../words/shape.ts'
import type en from './en.ts'

export default {
  title: 'Anmelden',
  name: 'Benutzername oder Mailadresse',
  remember: 'Angemeldet bleiben',
  forgotten: 'Etwas vergessen?',
  submit: 'Anmelden',
  or: 'oder',
  passkey: 'Mit Passkey anmelden',
  wait_one: 'Noch einmal in {{count}} Sekunde',
  wait_other: 'Noch einmal in {{count}} Sekunden',
  failed: 'Name oder Passwort stimmen nicht. Beide werden zusammen geprüft: sehen Sie nach beiden.',
  failedCaptcha: 'Name, Passwort oder Buchstaben stimmen nicht. Sie werden zusammen geprüft: sehen Sie nach allen.',
  passkeyFailed: 'Dieser Passkey meldet hier nicht an. Nehmen Sie einen anderen oder Ihr Passwort.',
  passkeyOff: 'Passkeys lassen sich hier nicht zum Anmelden verwenden. Nehmen Sie Ihr Passwort.',
  tooMany: 'Es gab zu viele Fehlversuche. Zum Schutz des Kontos müssen jetzt alle ein wenig warten.',
  waited: 'Sie können es jetzt wieder versuchen.',
  captcha: {
    label: 'Buchstaben und Ziffern im Bild',
    hint: 'Wird nach mehreren Fehlversuchen gefragt. Groß- oder Kleinschreibung ist gleich.',
    picture: 'Sechs Buchstaben und Ziffern, die unten einzutippen sind',
    another: 'Anderes Bild',
  },
  ended: {
    full: 'Sie wurden abgemeldet, weil Ihre Sitzung zu Ende ist. Melden Sie sich wieder an, dann geht es dort weiter, wo Sie waren.',
    half: 'Die Anmeldung wurde nicht rechtzeitig beendet, oder es gab zu viele falsche Versuche. Bitte beginnen Sie von vorn.',
  },
  startOver: 'Anderes Konto verwenden oder von vorn beginnen',
  stepTitle: 'Zweiter Schritt',
  stepLead: 'Noch etwas, damit niemand außer Ihnen {{account}} verwenden kann.',
  stepFailed:
    'Das stimmt nicht oder wurde schon verwendet. Geben Sie den neuesten Code ein; nach fünf falschen Versuchen müssen Sie von vorn beginnen.',
  trust: 'Diesem Browser vertrauen',
  trustHint: 'Er fragt einige Wochen lang nur nach dem Passwort. Nicht auf einem Gerät, das andere benutzen.',
  change: {
    title: 'Neues Passwort wählen',
    lead: 'Das, womit Sie sich angemeldet haben, hat Ihnen jemand gegeben, oder es ist zu alt. Wählen Sie eines, das nur Sie kennen.',
    action: 'Speichern und weiter',
  },
  codesTitle: 'Codes gut verwahren',
  setUp: {
    title: 'Zweiten Schritt einrichten',
    lead: 'Hier genügt ein Passwort allein nicht. Wählen Sie, wie Sie bestätigen, dass Sie es sind: das dauert zwei Minuten, und nur einmal.',
  },
  protect: {
    title: 'Schützen Sie Ihr Konto',
    lead: 'Mit einem zweiten Schritt kommt niemand hinein, der nur Ihr Passwort erfahren hat.',
    leadRoot:
      'Dieses Konto darf hier alles: wer sein Passwort erfährt, hat alles. Mit einem zweiten Schritt genügt das Passwort nicht.',
    later: 'Jetzt nicht',
    grace: 'Sie können es bis {{date}} aufschieben. Danach braucht die Anmeldung einen zweiten Schritt.',
  },
} as const satisfies Same<typeof en>
