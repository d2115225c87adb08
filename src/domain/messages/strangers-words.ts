import { inOneLine } from './filling.ts'

// So much greets; more would be a way around the encryption, and a page of advertising in our name.
const GREETING_AT_MOST = 500
const NAME_AT_MOST = 60

const ADDRESS_LIKE = /@|:\/\/|\p{L}{2,}\.\p{L}{2,}/u

const cut = (text: string, most: number): string => {
  const letters = [...text]
  return letters.length > most
    ? `${letters
        .slice(0, most - 1)
        .join('')
        .trimEnd()}…`
    : text
}

/** What somebody says to a reader who does not know us: one paragraph, and not a long one. */
export const shownGreeting = (greeting: string): string =>
  cut(inOneLine(greeting).replace(/\s+/g, ' ').trim(), GREETING_AT_MOST)

/** What somebody calls himself; empty where that would be read as an address that it need not be. */
function shownName({ name, address }: { name: string; address: string }): string {
  const shown = inOneLine(name).replace(/\s+/g, ' ').trim()
  return shown === address || ADDRESS_LIKE.test(shown) ? '' : cut(shown, NAME_AT_MOST)
}

/** Who wrote, as variables. The address is what is known of him; the name is what he calls himself. */
export function senderVariables(sender: { name: string; address: string } | undefined) {
  if (!sender) return { SENDER: '', SENDER_NAME: '', SENDER_ADDRESS: '' }
  const { address } = sender
  const name = shownName(sender)
  return { SENDER: name ? `${name} (${address})` : address, SENDER_NAME: name || address, SENDER_ADDRESS: address }
}

/** A text in which mail programs see no link: something unseen stands after what they look for. */
export const unlinked = (text: string): string => text.replace(/[.:/@](?=\S)/gu, '$&\u200b')
