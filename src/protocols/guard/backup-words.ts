/** What stands on a printed copy of a key. */
interface Words {
  title: string
  what: string
  owner: string
  fingerprint: string
  made: string
  ends: string
  never: string
  use: string
  steps(pieces: number): readonly string[]
  safe: string
  piece(number: number, of: number): string
  text: string
}

const en: Words = {
  title: 'Copy of an encryption key',
  what: 'This is the secret key with which mail to the addresses below is read and signed. It is locked with the key password, which is not on this paper: without it nobody can use the copy, not even its owner.',
  owner: 'Key of',
  fingerprint: 'Fingerprint',
  made: 'Made on',
  ends: 'Valid until',
  never: 'for ever',
  use: 'How to use it',
  steps: (pieces) => [
    pieces === 1
      ? 'Scan the code. It holds the text at the end of this paper.'
      : `Scan the ${pieces} codes one after another, in the order of their numbers, and put what they hold together without anything in between. It is the text at the end of this paper.`,
    'Save it in a file, key.asc.',
    'Open the file with a mail program that knows OpenPGP, or upload it in the settings for encrypted mail. You are asked for the key password.',
    'Compare the fingerprint that you are shown with the one on this paper.',
  ],
  safe: 'Keep this paper where you keep what is worth much to you, and the key password somewhere else. Delete the file when you are done.',
  piece: (number, of) => `${number} of ${of}`,
  text: 'The same as text',
}

const de: Words = {
  title: 'Kopie eines Schlüssels',
  what: 'Dies ist der geheime Schlüssel, mit dem Mails an die Adressen unten gelesen und unterschrieben werden. Er ist mit dem Schlüsselpasswort gesperrt, das nicht auf diesem Papier steht: Ohne es kann niemand die Kopie benutzen, auch Sie selbst nicht.',
  owner: 'Schlüssel von',
  fingerprint: 'Fingerabdruck',
  made: 'Erzeugt am',
  ends: 'Gültig bis',
  never: 'unbegrenzt',
  use: 'So wird sie benutzt',
  steps: (pieces) => [
    pieces === 1
      ? 'Scannen Sie den Code. Er enthält den Text am Ende dieses Papiers.'
      : `Scannen Sie die ${pieces} Codes nacheinander in der Reihenfolge ihrer Nummern, und fügen Sie aneinander, was sie enthalten, ohne etwas dazwischen. Es ist der Text am Ende dieses Papiers.`,
    'Speichern Sie ihn als Datei key.asc.',
    'Öffnen Sie die Datei mit einem Mailprogramm, das OpenPGP kennt, oder laden Sie sie in den Einstellungen für verschlüsselte Mails hoch. Sie werden nach dem Schlüsselpasswort gefragt.',
    'Vergleichen Sie den Fingerabdruck, der Ihnen gezeigt wird, mit dem auf diesem Papier.',
  ],
  safe: 'Heben Sie dieses Papier dort auf, wo Sie Wertvolles aufheben, und das Schlüsselpasswort anderswo. Löschen Sie die Datei, wenn Sie fertig sind.',
  piece: (number, of) => `${number} von ${of}`,
  text: 'Dasselbe als Text',
}

export type Language = 'en' | 'de'

/** The language of somebody's letters, as far as we speak it. */
export const languageOf = (locale: string): Language => (/^de(?![a-z])/i.test(locale) ? 'de' : 'en')

export const words: Record<Language, Words> = { en, de }
