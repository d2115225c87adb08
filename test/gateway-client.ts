import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import nodemailer from 'nodemailer'
import type { Inbox, Received } from '../src/testing.ts'

/** Hands a mail over as a mail server does; the code of the answer and its words. */
export async function handOver(
  port: number,
  { sender, recipients, mail }: { sender: string; recipients: string[]; mail: string | Buffer },
): Promise<{ code: number; words: string }> {
  const transport = nodemailer.createTransport({ host: '127.0.0.1', port, secure: false, ignoreTLS: true })
  try {
    const { response } = await transport.sendMail({ envelope: { from: sender, to: recipients }, raw: mail })
    return { code: Number(response.slice(0, 3)), words: response }
  } catch (error) {
    const { responseCode = 0, response = String(error) } = error as { responseCode?: number; response?: string }
    return { code: responseCode, words: response }
  } finally {
    transport.close()
  }
}

/** Says lines as they are, each after the answer to the one before; all that the server said. */
export function speak(port: number, lines: readonly string[], host = '127.0.0.1'): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const answers: string[] = []
    const left = [...lines]
    let heard = ''
    const socket = connect(port, host)
    socket.setEncoding('latin1')
    socket.setTimeout(5000, () => socket.destroy(new Error(`silence after ${answers.at(-1)}`)))
    socket.on('data', (text) => {
      heard += text
      const replies = heard.match(/^(\d{3}-.*\r\n)*\d{3} .*\r\n/)
      if (!replies) return
      answers.push(replies[0])
      heard = heard.slice(replies[0].length)
      const next = left.shift()
      if (next === undefined) socket.end()
      else socket.write(next, 'latin1')
    })
    socket.on('close', () => resolve(answers))
    socket.on('error', reject)
  })
}

export const mailFrom = (
  from: string,
  to: string,
  { subject = 'Hello', text = 'What only they may read.', fields = '', id = `${Math.random()}` } = {},
): string =>
  [
    `From: <${from}>`,
    `To: ${to}`,
    `Subject: ${subject}`,
    'Date: Thu, 15 Jan 2026 12:00:00 +0000',
    `Message-ID: <${id}@test.example>`,
    ...(fields ? [fields] : []),
    '',
    text,
    '',
  ].join('\r\n')

/** The first mail to an address that suits and was not asked for before; waits for ten seconds. */
export function arrivals({ received }: Inbox) {
  const seen = new Set<Received>()
  return async (to: string, suits: RegExp): Promise<Received> => {
    for (let waited = 0; waited < 10_000; waited += 20) {
      const mail = received.find((one) => !seen.has(one) && one.to.includes(to) && suits.test(one.raw + one.text))
      if (mail) {
        seen.add(mail)
        return mail
      }
      await sleep(20)
    }
    throw new Error(`no mail to ${to} that suits ${suits}`)
  }
}
