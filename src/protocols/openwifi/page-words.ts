import type { Language } from './page.ts'

interface Asking {
  title: string
  text: string
  button: string
}

interface Words {
  password: Asking
  invitation: Asking
  signup: Asking
  address: Asking
  'stop-recovery': Asking
  /** which address it is */
  'key-address': Omit<Asking, 'text'> & { text(address: string): string }
  /** and why it asks for the key password, where it does */
  'key-renew': Asking & { needsPassword: string }
  account: string
  keyPassword: string
  newPassword: string
  samePassword: string
  passwordSet: { title: string; text: string }
  addressConfirmed: { title: string; text: string }
  recoveryStopped: { title: string; text: string }
  keyAddressConfirmed: { title: string; text: string }
  keyRenewed: { title: string; text: string; until(day: string): string }
  signIn: string
  /** `next` is for every link that has no word of its own */
  dead: {
    title: string
    why: string
    next: string
    'stop-recovery': string
    'key-address': string
    'key-renew': string
  }
  different: string
  weak: string
  reused: string
  delayed: string
  keyPasswordWrong: string
  keyDelayed: string
  keyUnusable: string
  passwords: string
  passwordRule(least: number, most: number): string
  usual: string
  history(count: number): string
  access: string
  whoMay: string
  recorded: string
}

const en: Words = {
  password: {
    title: 'Choose a new password',
    text: 'When it is saved, everybody who is signed in to the account is signed out.',
    button: 'Save the password',
  },
  invitation: {
    title: 'Choose your password',
    text: 'You sign in with this address and your password.',
    button: 'Save the password',
  },
  signup: {
    title: 'Complete your sign-up',
    text: 'You sign in with this address and the password that you choose here.',
    button: 'Complete the sign-up',
  },
  address: {
    title: 'Confirm your address',
    text: 'An account has this address. If it is yours, confirm it; else close this page.',
    button: 'It is mine',
  },
  'stop-recovery': {
    title: 'Keep the second factors',
    text: 'Somebody who has the password wants all second factors of this account removed. If that was not you, stop it. Everybody who is signed in to the account is signed out then.',
    button: 'This was not me: stop it',
  },
  'key-address': {
    title: 'Confirm your address',
    text: (address) =>
      `This account wants to use ${address} too: for an encryption key, and as an address of its own. If it is your account, confirm it; else close this page.`,
    button: 'It is my account',
  },
  'key-renew': {
    title: 'Renew the encryption key',
    text: 'The encryption key of this account lives longer then. It stays the same key, and nobody has to be told.',
    needsPassword:
      'The server has no copy of it that it could open by itself: that takes the key password, which only you know.',
    button: 'Renew the key',
  },
  account: 'Account',
  keyPassword: 'Key password',
  newPassword: 'New password',
  samePassword: 'The same once more',
  passwordSet: { title: 'Your password is saved', text: 'You can sign in with it from now on.' },
  addressConfirmed: { title: 'Your address is confirmed', text: 'You can sign in from now on.' },
  recoveryStopped: {
    title: 'Your second factors stay as they are',
    text: 'Everybody has been signed out. Somebody else knows your password: sign in and change it now.',
  },
  keyAddressConfirmed: {
    title: 'The address is confirmed',
    text: 'It belongs to the account from now on, and others can find the key for it.',
  },
  keyRenewed: {
    title: 'The key is renewed',
    text: 'Others can go on writing to you encrypted.',
    until: (day) => `It is valid until ${day}.`,
  },
  signIn: 'Go to the sign-in',
  dead: {
    title: 'This link does not work any more',
    why: 'A link in a mail works once and for a limited time, and only the newest one counts.',
    next: 'If you still need it, choose “forgot password” at the sign-in, or ask whoever looks after your account for a new one.',
    'stop-recovery':
      'Nothing waits any more: the removal of your second factors was stopped, or it is done. If it was not you who asked for it, change your password now, and look at your security settings.',
    'key-address': 'If you still need it, add the address to the key once more.',
    'key-renew': 'If the key still has to be renewed, do it in the settings for encrypted mail.',
  },
  different: 'The two passwords are different. Please type the same one twice.',
  weak: 'This password is too simple, or one that everybody uses.',
  reused: 'You had this password before. Please choose another one.',
  delayed: 'Too many passwords were turned down. Please wait a quarter of an hour.',
  keyPasswordWrong: 'This is not the password of the key.',
  keyDelayed: 'Too many wrong key passwords. Please try again later.',
  keyUnusable: 'This key can no longer be renewed.',
  passwords: 'Passwords',
  passwordRule: (least, most) =>
    `A password has ${least} to ${most} characters, with at least one capital letter, one small letter, one digit and one sign such as ! ? - or #.`,
  usual: 'Passwords that everybody uses are turned down.',
  history: (count) => `None of your last ${count} passwords may come back.`,
  access: 'Access',
  whoMay: 'Only people and programs with an account of their own may use this service.',
  recorded: 'Sign-ins, and changes to accounts and to their security, are recorded.',
}

const de: Words = {
  password: {
    title: 'Neues Passwort wählen',
    text: 'Wenn es gespeichert ist, sind alle abgemeldet, die am Konto angemeldet waren.',
    button: 'Passwort speichern',
  },
  invitation: {
    title: 'Passwort wählen',
    text: 'Sie melden sich mit dieser Adresse und Ihrem Passwort an.',
    button: 'Passwort speichern',
  },
  signup: {
    title: 'Registrierung abschließen',
    text: 'Sie melden sich mit dieser Adresse an und mit dem Passwort, das Sie hier wählen.',
    button: 'Registrierung abschließen',
  },
  address: {
    title: 'Adresse bestätigen',
    text: 'Ein Konto hat diese Adresse. Wenn es Ihre ist, bestätigen Sie sie; sonst schließen Sie diese Seite.',
    button: 'Es ist meine',
  },
  'stop-recovery': {
    title: 'Zweite Faktoren behalten',
    text: 'Jemand, der das Passwort hat, will alle zweiten Faktoren dieses Kontos entfernen lassen. Wenn Sie das nicht waren, halten Sie es an. Wer am Konto angemeldet ist, wird dann abgemeldet.',
    button: 'Das war ich nicht: anhalten',
  },
  'key-address': {
    title: 'Adresse bestätigen',
    text: (address) =>
      `Dieses Konto will auch ${address} benutzen: für einen Schlüssel zum Verschlüsseln und als eigene Adresse. Wenn es Ihr Konto ist, bestätigen Sie die Adresse; sonst schließen Sie diese Seite.`,
    button: 'Es ist mein Konto',
  },
  'key-renew': {
    title: 'Schlüssel verlängern',
    text: 'Der Schlüssel dieses Kontos lebt dann länger. Er bleibt derselbe, und niemand muss etwas davon wissen.',
    needsPassword:
      'Der Server hat keine Kopie, die er selbst öffnen könnte: Dazu braucht es das Schlüsselpasswort, das nur Sie kennen.',
    button: 'Schlüssel verlängern',
  },
  account: 'Konto',
  keyPassword: 'Schlüsselpasswort',
  newPassword: 'Neues Passwort',
  samePassword: 'Dasselbe noch einmal',
  passwordSet: { title: 'Ihr Passwort ist gespeichert', text: 'Sie können sich ab jetzt damit anmelden.' },
  addressConfirmed: { title: 'Ihre Adresse ist bestätigt', text: 'Sie können sich ab jetzt anmelden.' },
  recoveryStopped: {
    title: 'Ihre zweiten Faktoren bleiben, wie sie sind',
    text: 'Alle sind abgemeldet. Jemand anderes kennt Ihr Passwort: Melden Sie sich an und ändern Sie es jetzt.',
  },
  keyAddressConfirmed: {
    title: 'Die Adresse ist bestätigt',
    text: 'Sie gehört ab jetzt zum Konto, und andere finden den Schlüssel für sie.',
  },
  keyRenewed: {
    title: 'Der Schlüssel ist verlängert',
    text: 'Andere können Ihnen weiter verschlüsselt schreiben.',
    until: (day) => `Er gilt bis ${day}.`,
  },
  signIn: 'Zur Anmeldung',
  dead: {
    title: 'Dieser Link gilt nicht mehr',
    why: 'Ein Link in einer Mail gilt einmal und für begrenzte Zeit, und nur der neueste zählt.',
    next: 'Wenn Sie ihn noch brauchen, wählen Sie bei der Anmeldung „Passwort vergessen“, oder bitten Sie die Stelle, die Ihr Konto betreut, um einen neuen.',
    'stop-recovery':
      'Es wartet nichts mehr: Das Entfernen Ihrer zweiten Faktoren wurde angehalten, oder es ist geschehen. Wenn nicht Sie es verlangt haben, ändern Sie jetzt Ihr Passwort, und sehen Sie Ihre Sicherheitseinstellungen an.',
    'key-address': 'Wenn Sie ihn noch brauchen, fügen Sie die Adresse noch einmal zum Schlüssel hinzu.',
    'key-renew': 'Wenn der Schlüssel noch zu verlängern ist, tun Sie es in den Einstellungen für verschlüsselte Mails.',
  },
  different: 'Die beiden Passwörter sind verschieden. Bitte tippen Sie zweimal dasselbe.',
  weak: 'Dieses Passwort ist zu einfach oder eines, das alle benutzen.',
  reused: 'Dieses Passwort hatten Sie schon. Bitte wählen Sie ein anderes.',
  delayed: 'Zu viele Passwörter wurden abgelehnt. Bitte warten Sie eine Viertelstunde.',
  keyPasswordWrong: 'Das ist nicht das Passwort des Schlüssels.',
  keyDelayed: 'Zu viele falsche Schlüsselpasswörter. Bitte versuchen Sie es später noch einmal.',
  keyUnusable: 'Dieser Schlüssel kann nicht mehr verlängert werden.',
  passwords: 'Passwörter',
  passwordRule: (least, most) =>
    `Ein Passwort hat ${least} bis ${most} Zeichen, mit mindestens einem Großbuchstaben, einem Kleinbuchstaben, einer Ziffer und einem Zeichen wie ! ? - oder #.`,
  usual: 'Passwörter, die alle benutzen, werden abgelehnt.',
  history: (count) => `Keines Ihrer letzten ${count} Passwörter darf wiederkommen.`,
  access: 'Zugang',
  whoMay: 'Nur Menschen und Programme mit einem eigenen Konto dürfen diesen Dienst benutzen.',
  recorded: 'Anmeldungen und Änderungen an Konten und ihrer Sicherheit werden aufgezeichnet.',
}

/** What our pages say. */
export const words: Record<Language, Words> = { en, de }
