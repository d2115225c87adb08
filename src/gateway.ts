import type { Config } from './config.ts'
import type { Context } from './context.ts'
import { type Direction, type Taken, takeMail } from './domain/gateway/gateway.ts'
import { isRefusal } from './domain/refusals.ts'
import { listenAsGateway, Turned } from './drivers/gateway-listener.ts'
import type { MailListener } from './drivers/smtp-listener.ts'
import { addressList, clientAddress } from './http/client-address.ts'

type Place = NonNullable<Config['gatewayListen']>

/** Where Postfix usually has its filters. */
export const USUAL_PLACE: Readonly<Place> = { host: '127.0.0.1', port: 10_025 }

export interface Gateway {
  /** where mail is handed over, with scheme and port: on its way out first */
  urls: string[]
  /** Takes no new mail; resolves when what was being taken is ours. */
  close(): Promise<void>
}

const answers: Record<'looping' | 'unreadable', () => Turned> = {
  looping: () => new Turned(554, '5.4.6 The mail goes in a circle'),
  unreadable: () => new Turned(554, '5.6.0 The header of the mail is too large'),
}

const tooMany = () => new Turned(452, '4.3.1 Too many mails wait to go on: try again later')

const idOf = (taken: Taken): string => {
  if ('turned' in taken) throw answers[taken.turned]()
  return taken.id
}

async function listen(ctx: Context, direction: Direction, at: Place): Promise<MailListener> {
  const { gatewayPeers, mailLimit } = ctx.config
  const peers = addressList(gatewayPeers)
  const listener = await listenAsGateway({
    at,
    isPeer: (address) => {
      const plain = clientAddress(address, null, peers)
      return peers.check(plain, plain.includes(':') ? 'ipv6' : 'ipv4')
    },
    most: mailLimit,
    async take({ sender, recipients, chunks }) {
      try {
        const taken = await takeMail(ctx, { direction, sender, recipients, chunks })
        // Ours by now: nobody has to wait for what becomes of it.
        ctx.carriers.wake()
        return idOf(taken)
      } catch (error) {
        if (isRefusal(error, 'server.busy')) throw tooMany()
        if (!(error instanceof Turned)) ctx.log.error('gateway.not-taken', { direction, error })
        throw error
      }
    },
  })
  at.port = listener.port
  return listener
}

/** Throws in plain words when there is nowhere to hand mail on to. */
export function judgeNextHop({ gatewayNextHop, smtpUrl }: Config): void {
  if (!gatewayNextHop && !smtpUrl)
    throw new Error(
      'The gateway has nowhere to hand mail on to: name the mail server in CHATELAINE_GATEWAY_NEXT_HOP, or in CHATELAINE_SMTP_URL.',
    )
}

/**
 * Opens the SMTP listeners of the gateway. Throws in plain words when there is nowhere to hand mail on to. Both open, or
 * none. The settings learn the ports that they became.
 */
export async function openGateway(ctx: Context): Promise<Gateway> {
  judgeNextHop(ctx.config)
  const { gatewayListen, gatewayIncomingListen } = ctx.config
  const places: [Direction, Place | undefined][] = [
    ['out', gatewayListen],
    ['in', gatewayIncomingListen],
  ]
  const opened: MailListener[] = []
  const close = async () => {
    await Promise.all(opened.map((listener) => listener.close()))
  }
  const urls: string[] = []
  try {
    for (const [direction, at] of places) {
      if (!at) continue
      opened.push(await listen(ctx, direction, at))
      const host = at.host.includes(':') ? `[${at.host}]` : at.host
      const url = `smtp://${host}:${at.port}`
      urls.push(url)
      ctx.log.info('listening', { url, gateway: direction })
    }
  } catch (error) {
    await close()
    throw error
  }
  return { urls, close }
}

/** The gateway as a part of the server; null where the operator runs it as a process of its own, or not at all. */
export async function openGatewayInside(ctx: Context): Promise<Gateway | null> {
  const { gatewayInside, gatewayListen, gatewayIncomingListen } = ctx.config
  if (!gatewayInside) return null
  if (!gatewayListen && !gatewayIncomingListen)
    throw new Error('CHATELAINE_GATEWAY_INSIDE: needs CHATELAINE_GATEWAY_LISTEN or CHATELAINE_GATEWAY_INCOMING_LISTEN')
  return openGateway(ctx)
}
