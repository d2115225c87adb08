import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A provider of SMS on loopback whose mood a test can change. */
export interface SmsProvider {
  settings: Record<string, string>
  /** the status that it answers with, what it says, and how long it takes */
  mood: { status: number; says: string; milliseconds: number }
  /** what it was asked to send, with its answer */
  texts: { to: string; body: string; status: number }[]
  /** the six digits of the next text that it sent to a number; waits up to five seconds */
  code(to: string): Promise<string>
  close(): void
}

export async function openSmsProvider(): Promise<SmsProvider> {
  const mood = { status: 200, says: '{}', milliseconds: 0 }
  const texts: SmsProvider['texts'] = []
  const taken = new Set<object>()
  const server = createServer(async (message, response) => {
    let body = ''
    for await (const chunk of message) body += chunk
    texts.push({ ...JSON.parse(body), status: mood.status })
    await new Promise((resolve) => setTimeout(resolve, mood.milliseconds))
    response.writeHead(mood.status).end(mood.says)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    settings: { CHATELAINE_SMS_URL: `http://127.0.0.1:${port}/send` },
    mood,
    texts,
    async code(to) {
      for (let waited = 0; waited < 5000; waited += 10) {
        const text = texts.find(
          (one) => !taken.has(one) && one.to === to && one.status === 200 && /\b\d{6}\b/.test(one.body),
        )
        if (text) {
          taken.add(text)
          return /\b(\d{6})\b/.exec(text.body)![1]!
        }
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      throw new Error(`no SMS to ${to} within five seconds`)
    },
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
