import type { Same } from '../../../../words/shape.ts'
import type en from './en.ts'

export default {
  title: 'Schlüssel erzeugen',
  lead: 'Für {{address}}. Es dauert einen Augenblick und kostet nichts als ein Passwort, das Sie sich merken.',
  who: 'Ihr Name',
  whoHint: 'Andere sehen ihn neben Ihrer Adresse, wenn sie nach Ihrem Schlüssel suchen.',
  password: 'Ein Passwort für den Schlüssel',
  passwordLead:
    'Es öffnet den Schlüssel, wenn Sie verschlüsselte Post lesen oder unterschreiben. Jeder Schlüssel hat hier eines: ohne es könnte alles lesen, wer an Ihrem offenen Postfach sitzt.',
  newPassword: 'Schlüsselpasswort',
  newHint_one: 'Mindestens {{count}} Zeichen. Nicht das, mit dem Sie sich anmelden.',
  newHint_other: 'Mindestens {{count}} Zeichen. Nicht das, mit dem Sie sich anmelden.',
  repeat: 'Noch einmal',
  differs: 'Die beiden sind nicht gleich.',
  suggest: 'Eines vorschlagen',
  suggested: 'Bewahren Sie es in einem Passwortmanager auf, oder schreiben Sie es auf, bevor Sie weitermachen:',
  recovery: 'Wenn Sie dieses Passwort vergessen',
  yes: 'Der Server kann mir helfen',
  yesText:
    'Er bewahrt eine zweite Kopie des Schlüssels auf und kann Ihnen ein neues Passwort mailen. Der Preis: wer diesen Server betreibt, oder seine Datenbank und seine Schlüsseldatei zusammen stiehlt, kann den Schlüssel öffnen.',
  no: 'Niemand kann mir helfen',
  noText:
    'Es gibt keine zweite Kopie. Niemand außer Ihnen kann den Schlüssel je öffnen. Der Preis: vergessen Sie das Passwort, ist Ihre ganze verschlüsselte Post für immer verloren.',
  noRecovery:
    'Auf diesem Server bewahrt niemand zweite Kopien von Schlüsseln auf. Vergessen Sie das Passwort, ist Ihre verschlüsselte Post für immer verloren.',
  advised: 'Für die meisten zu empfehlen',
  expert: 'Für Fachleute: Art des Schlüssels und Ablauf',
  algorithm: 'Art',
  algorithms: {
    '': 'Wie dieser Server empfiehlt',
    curve25519: 'Curve25519 (kurz und schnell)',
    rsa3072: 'RSA, 3072 Bit',
    rsa4096: 'RSA, 4096 Bit (für alte Programme; dauert lange)',
  },
  ends: 'Gültig für',
  lives: {
    '': 'Wie dieser Server empfiehlt',
    '365': 'Ein Jahr',
    '730': 'Zwei Jahre',
    '1825': 'Fünf Jahre',
    '0': 'Immer',
  },
  action: 'Schlüssel erzeugen',
} as const satisfies Same<typeof en>
