import type { Mailbox } from '#src/lib/mime/mailboxes.ts'
import type { MailView } from '#src/lib/mime/view.ts'

// Nobody reads more of what he has written himself.
const LONGEST = 100_000

const named = ({ name, address }: Mailbox): string => (name && name !== address ? `${name} <${address}>` : address)

/** An answer with the mail that it answers below it, as `sender` wrote it at `date`, epoch milliseconds. */
export function withQuote(text: string, view: MailView, { sender, date }: { sender: Mailbox; date: number }): string {
  const whole = new TextDecoder().decode(view.text)
  const lines = whole.slice(0, LONGEST).trimEnd().split(/\r?\n/)
  const quoted = lines.map((line) => (line.startsWith('>') ? `>${line}` : `> ${line}`))
  const left = whole.length > LONGEST ? ['> […]'] : []
  const head = `${named(sender)}, ${new Date(date).toUTCString()}:`
  return [text.trimEnd(), '', head, ...quoted, ...left, ''].join('\n')
}
