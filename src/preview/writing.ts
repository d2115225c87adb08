import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Flaw, Writer } from '#src/domain/messages/messages.ts'
import { composedMessage } from '#src/lib/mime/compose.ts'
import { mailboxesOf } from '#src/lib/mime/mailboxes.ts'
import { indexPage } from './index-page.ts'
import type { Shown } from './preview.ts'

/** The mail as a mail program gets it. A letter about somebody's mail is in his name. */
async function wholeMail(ctx: Writer, { name, language, specimen, letter }: Shown): Promise<Buffer> {
  const { reader, values } = specimen
  const { subject, text, html, headers } = letter
  const [house = { name: '', address: 'house@localhost' }] = mailboxesOf([ctx.config.mailFrom])
  const from = values.sender ?? house
  return composedMessage({
    from,
    to: { name: reader.name, address: reader.email },
    ...{ subject, text, html, headers },
    messageId: `${name}.${language}@${from.address.split('@').at(-1)}`,
    date: ctx.clock.now(),
  })
}

/** Writes the files of a preview into a folder, which need not be there; returns the path of index.html. */
export async function writePreview(
  ctx: Writer,
  { letters, flaws, folder }: { letters: readonly Shown[]; flaws: readonly Flaw[]; folder: string },
): Promise<string> {
  for (const shown of letters) {
    const { template, name, language, letter } = shown
    mkdirSync(join(folder, language), { recursive: true })
    const path = join(folder, language, name)
    writeFileSync(`${path}.txt`, letter.subject ? `Subject: ${letter.subject}\n\n${letter.text}` : letter.text)
    if (letter.html) writeFileSync(`${path}.html`, letter.html)
    if (!template.endsWith('_sms')) writeFileSync(`${path}.eml`, await wholeMail(ctx, shown))
  }
  const index = join(folder, 'index.html')
  writeFileSync(index, indexPage(letters, flaws))
  return index
}
