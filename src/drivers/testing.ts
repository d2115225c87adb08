import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { selfSignedCertificate } from '#src/lib/self-signed.ts'

export interface StrangersServer {
  port: number
  /** PEM that its certificate is judged by */
  ca: string
  /** method, path with query, and host of what was asked, in order */
  asked: { url: string; host: string; headers: IncomingMessage['headers'] }[]
  close(): Promise<void>
}

export type Answering = (request: IncomingMessage, response: ServerResponse) => void

/** An https server on loopback that speaks for the given names and answers as a test wants it to. */
export async function strangersServer(names: string[], answering: Answering): Promise<StrangersServer> {
  const { key, cert } = await selfSignedCertificate({ names, now: Date.now(), days: 1 })
  const asked: StrangersServer['asked'] = []
  const server = createServer({ key, cert }, (request, response) => {
    asked.push({ url: request.url ?? '', host: request.headers.host ?? '', headers: request.headers })
    response.on('error', () => {})
    answering(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    ca: cert,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
