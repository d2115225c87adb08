import type { Same } from '../../../../words/shape.ts'
import type en from './en.ts'

export default {
  title: 'Gäste',
  lead: 'Personen anderswo, die ihre verschlüsselte Mail hier lesen, weil sie keinen eigenen Schlüssel haben.',
  guest: 'Gast',
  back: 'Alle Gäste',
  gone: 'Diesen Gast gibt es nicht mehr.',
  search: 'Anfang einer Adresse',
  found_one: '{{count}} Gast gefunden.',
  found_other: '{{count}} Gäste gefunden.',
  nobody: 'Niemand passt',
  empty: 'Noch ist niemand Gast',
  emptyHint: 'Gast wird, wem eine verschlüsselte Mail gesendet wird und wer keinen Schlüssel hat.',
  states: { new: 'Noch nicht gekommen', reading: 'Hat ein Passwort', refusing: 'Wünscht keine Mail' },
  locked: 'PIN gesperrt',
  invitedBy: 'zuerst angeschrieben von {{who}}',
  standing: 'Stand',
  since: 'Gast seit',
  mails: 'Mails, die hier liegen',
  needsPin: 'Braucht eine PIN',
  needsFirst: 'Braucht das erste Passwort aus einer Mail',
  question: 'Hat eine Frage für ein vergessenes Passwort',
  help: 'Hilfe',
  reset: 'Neues Passwort',
  resetAction: 'Ein neues senden',
  resetText:
    'Ein neues Passwort wird an {{address}} gesendet und sonst niemandem gezeigt. Sitzungen enden. Die Mails bleiben lesbar.',
  resetDone: 'Ein neues Passwort ist unterwegs an {{address}}.',
  upgrade: 'Einem Benutzer geben',
  upgradeTitle: 'Alles einem Benutzer geben?',
  upgradeText:
    'Der Schlüssel und die Mails dieses Gastes werden die eines Benutzers hier, und den Gast gibt es dann nicht mehr. Das lässt sich nicht rückgängig machen. Seien Sie sicher, dass beide dieselbe Person sind.',
  user: 'Adresse des Benutzers',
  noUser: 'Hier hat niemand diese Adresse.',
  notThatUser: 'Ihr Konto darf das für diesen Benutzer nicht tun.',
  remove: 'Gast löschen',
  removeTitle: '{{address}} löschen?',
  removeText_one:
    'Der Schlüssel und {{count}} Mail, die hier liegt, gehen endgültig verloren, ebenso der Wunsch, keine solche Mail zu bekommen. Wer wieder angeschrieben wird, wird von Neuem Gast.',
  removeText_other:
    'Der Schlüssel und {{count}} Mails, die hier liegen, gehen endgültig verloren, ebenso der Wunsch, keine solche Mail zu bekommen. Wer wieder angeschrieben wird, wird von Neuem Gast.',
} as const satisfies Same<typeof en>
