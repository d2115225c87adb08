import type { DecryptedMail } from '#src/domain/mail/mail.ts'
import { isRefusal, type Reason } from '#src/domain/refusals.ts'
import type { Language } from './page.ts'

/** What the signatures of a mail amount to. */
export const verdicts: Record<Language, Record<DecryptedMail['verification'], string>> = {
  en: {
    good: 'Signed by the sender, and not changed since.',
    partly: 'Signed by the sender. More stood in the mail that nobody signed: it is left out.',
    other: 'Signed, but by somebody else than the sender that is named.',
    bad: 'The signature is not good: do not rely on who wrote this.',
    unknown: 'Signed with a key that nobody here knows.',
    none: 'Not signed: nobody can tell for certain who wrote this.',
  },
  de: {
    good: 'Vom Absender unterschrieben und seither nicht verändert.',
    partly:
      'Vom Absender unterschrieben. In der Mail stand noch etwas, das niemand unterschrieben hat: Es ist weggelassen.',
    other: 'Unterschrieben, aber von jemand anderem als dem genannten Absender.',
    bad: 'Die Unterschrift stimmt nicht: Verlassen Sie sich nicht darauf, von wem das ist.',
    unknown: 'Mit einem Schlüssel unterschrieben, den hier niemand kennt.',
    none: 'Nicht unterschrieben: Niemand kann sicher sagen, von wem das ist.',
  },
}

type Fault = Reason | 'differ' | 'old-wrong' | 'pin-missing' | 'pin-locked' | 'other'

const faults: Record<Language, Partial<Record<Fault, string>> & { other: string }> = {
  en: {
    differ: 'The two passwords are not the same.',
    'old-wrong': 'Your password so far is another one. Nothing was changed.',
    'pin-missing': 'Enter the PIN too, which the sender tells you by another way.',
    'pin-locked': 'The PIN is locked after five wrong ones. Ask the sender to write again: then there is another one.',
    'key.password-short': 'The password is too short: it needs {least} characters at least.',
    'key.password-wrong': 'Address or password is wrong.',
    'key.password-missing': 'Please sign in with your password.',
    'key.delayed': 'Too many wrong tries. Wait a few minutes, then try again.',
    'rate.exceeded': 'Too much within a short time. Try again later.',
    'server.busy': 'The server is busy. Try again in a moment.',
    'guest.item-unknown': 'This mail is not here any more, or it went to another address.',
    'guest.pin-wrong': 'The PIN is wrong. After five wrong ones it is locked: then ask the sender to write again.',
    'guest.has-password': 'You have chosen a password before: sign in with it.',
    'guest.answer-wrong': 'The answer is wrong.',
    'guest.reset-invalid': 'This link does not work any more, or it is for another address. Ask for another one.',
    'key.recovery-off': 'No new password can be mailed here. You can only start anew.',
    'mail.off': 'This server sends no mail at present.',
    'mail.sent-already': 'This answer was sent already.',
    'mail.recipient-without-key': 'The sender cannot get encrypted mail at present. Nothing was sent.',
    'mail.not-for-us': 'This mail is encrypted for a key that you do not have any more.',
    'mail.tampered': 'This mail was changed on its way, and is not shown.',
    'input.too-large': 'That is too large. Go back, and send less at once.',
    'access.denied': 'This did not come from our page. Try again there.',
    other: 'That did not work.',
  },
  de: {
    differ: 'Die beiden Passwörter sind nicht gleich.',
    'old-wrong': 'Ihr bisheriges Passwort ist ein anderes. Es wurde nichts geändert.',
    'pin-missing': 'Geben Sie auch die PIN ein, die der Absender Ihnen auf anderem Weg nennt.',
    'pin-locked':
      'Die PIN ist nach fünf falschen gesperrt. Bitten Sie den Absender, noch einmal zu schreiben: Dann gibt es eine neue.',
    'key.password-short': 'Das Passwort ist zu kurz: Es braucht mindestens {least} Zeichen.',
    'key.password-wrong': 'Adresse oder Passwort ist falsch.',
    'key.password-missing': 'Bitte melden Sie sich mit Ihrem Passwort an.',
    'key.delayed': 'Zu viele Fehlversuche. Warten Sie einige Minuten, und versuchen Sie es dann noch einmal.',
    'rate.exceeded': 'Zu viel in kurzer Zeit. Versuchen Sie es später noch einmal.',
    'server.busy': 'Der Server ist beschäftigt. Versuchen Sie es gleich noch einmal.',
    'guest.item-unknown': 'Diese Mail gibt es hier nicht mehr, oder sie ging an eine andere Adresse.',
    'guest.pin-wrong':
      'Die PIN ist falsch. Nach fünf falschen ist sie gesperrt: Bitten Sie den Absender dann, noch einmal zu schreiben.',
    'guest.has-password': 'Sie haben schon ein Passwort gewählt: Melden Sie sich damit an.',
    'guest.answer-wrong': 'Die Antwort ist falsch.',
    'guest.reset-invalid':
      'Dieser Link gilt nicht mehr, oder er ist für eine andere Adresse. Fordern Sie einen neuen an.',
    'key.recovery-off': 'Hier kann kein neues Passwort geschickt werden. Sie können nur neu anfangen.',
    'mail.off': 'Dieser Server verschickt derzeit keine Mails.',
    'mail.sent-already': 'Diese Antwort wurde schon gesendet.',
    'mail.recipient-without-key':
      'Der Absender kann zurzeit keine verschlüsselten Mails bekommen. Es wurde nichts gesendet.',
    'mail.not-for-us': 'Diese Mail ist für einen Schlüssel verschlüsselt, den Sie nicht mehr haben.',
    'mail.tampered': 'Diese Mail wurde unterwegs verändert und wird nicht angezeigt.',
    'input.too-large': 'Das ist zu groß. Gehen Sie zurück, und senden Sie weniger auf einmal.',
    'access.denied': 'Das kam nicht von unserer Seite. Versuchen Sie es dort noch einmal.',
    other: 'Das hat nicht geklappt.',
  },
}

/** Why something was refused, in words for people; what is no refusal is thrown on. */
export function faultIn(language: Language, error: unknown): string {
  if (!isRefusal(error)) throw error
  const { reason, facts } = error
  const pin = reason === 'guest.pin-wrong' ? pinFaults[facts.why ?? ''] : undefined
  return faultOf(language, pin ?? reason).replace('{least}', String(facts.params?.[0] ?? ''))
}

const pinFaults: Record<string, Fault> = { missing: 'pin-missing', locked: 'pin-locked' }

export const faultOf = (language: Language, fault: Fault): string => faults[language][fault] ?? faults[language].other
