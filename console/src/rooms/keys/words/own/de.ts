import type { Same } from '../../../../words/shape.ts'
import type en from './en.ts'

export default {
  title: 'Passwort und Post',
  lead: 'Was Ihren Schlüssel öffnet, wer helfen kann, wenn Sie es vergessen, und wie Ihre Post geschrieben wird.',
  none: 'Sie haben noch keinen Schlüssel. Erzeugen Sie zuerst einen.',
  password: 'Schlüsselpasswort',
  passwordLead: 'Das des aktuellen Schlüssels. Ältere behalten das Passwort, das sie haben.',
  change: 'Passwort ändern',
  changeTitle: 'Schlüsselpasswort ändern',
  changeText: 'Alles, was mit dem alten Passwort offen blieb, wird dadurch geschlossen, auf allen Geräten.',
  old: 'Bisheriges Schlüsselpasswort',
  fresh: 'Neues Schlüsselpasswort',
  changed: 'Das Schlüsselpasswort ist geändert',
  forgotten: 'Ich kenne es nicht',
  resetTitle: 'Ein neues Schlüsselpasswort mailen lassen?',
  resetText:
    'Der Server macht ein neues Passwort und mailt es an {{to}}. Der Schlüssel bleibt derselbe, Ihre Post auch. Das alte Passwort gilt nicht mehr, und unterschreibt das Gateway für Sie, hört es auf.',
  toSecondary: '{{address}}, die Adresse, die Sie dafür bestimmt haben',
  resetAction: 'Neues mailen',
  resetDone: 'Ein neues Schlüsselpasswort ist unterwegs an {{to}}',
  resetOff: 'Der Server hat keine zweite Kopie dieses Schlüssels: niemand kann ihm ein neues Passwort geben.',
  secondary: 'Wohin ein neues Passwort geht',
  secondaryNone:
    'An die Adresse Ihres Kontos. Eine Adresse anderswo ist sicherer: wer in Ihr Postfach kommt, bekommt dann nicht auch den Schlüssel.',
  secondarySet: 'An {{address}}.',
  secondaryChange: 'Ändern',
  secondaryTitle: 'Wohin soll ein neues Schlüsselpasswort gehen?',
  secondaryText:
    'Prüfen Sie jeden Buchstaben: diese Adresse wird nicht gefragt, und ein Tippfehler würde Ihr Passwort Fremden mailen. Leer heißt: an die Adresse Ihres Kontos.',
  secondaryEmail: 'Mailadresse',
  secondaryDone: 'Gespeichert',
  recovery: 'Hilfe, wenn Sie es vergessen',
  recoveryOnText:
    'Er kann Ihnen ein neues Passwort mailen. Wer den Server betreibt, oder seine Datenbank und seine Schlüsseldatei zusammen hat, kann den Schlüssel öffnen.',
  recoveryOffText:
    'Es gibt keine zweite Kopie: vergessen Sie das Schlüsselpasswort, ist Ihre verschlüsselte Post für immer verloren.',
  recoveryHouse: 'Wer diesen Server betreibt, bewahrt keine zweiten Kopien auf.',
  recoveryFixed: 'Wer diesen Server betreibt, lässt zweite Kopien nicht entfernen.',
  recoverySwitch: 'Der Server bewahrt eine zweite Kopie meines Schlüssels auf',
  removeTitle: 'Die zweite Kopie entfernen?',
  removeText:
    'Von da an kann Ihnen niemand ein neues Schlüsselpasswort geben. Ältere Sicherungen des Servers haben die Kopie vielleicht noch. Schlüssel mit einem anderen Passwort behalten ihre.',
  removeAction: 'Entfernen',
  removed: 'Die zweite Kopie ist entfernt',
  restoreTitle: 'Den Server eine zweite Kopie aufbewahren lassen?',
  restoreText:
    'Dann kann er Ihnen ein neues Schlüsselpasswort mailen, und wer seine Datenbank und seine Schlüsseldatei zusammen hat, kann den Schlüssel öffnen.',
  restoreAction: 'Aufbewahren',
  restored: 'Der Server bewahrt eine zweite Kopie auf',
} as const satisfies Same<typeof en>
