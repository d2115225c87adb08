import type { Context } from '#src/context.ts'
import { newestOutcomes } from '#src/domain/messages/messages.ts'
import type { SetupItem, SetupState } from './setup.ts'

async function channelItem(ctx: Context, code: 'mail' | 'sms', settings: string[], state: SetupState) {
  const { sent, failed, isStuck } = await newestOutcomes(ctx, code)
  const isFailing = isStuck || (failed !== null && failed.at > (sent?.at ?? 0))
  const facts = {
    inUse: state === 'ok',
    lastSent: sent?.at ?? null,
    lastFailed: failed?.at ?? null,
    lastWords: isFailing ? (failed?.words ?? '') : '',
  }
  return { code, state: state === 'ok' && isFailing ? ('advice' as const) : state, settings, facts }
}

const isStandIn = (sender: string): boolean => /@localhost>?$/.test(sender)

/** Whether the house can write to people, and how that went lately. */
export async function sendingItems(ctx: Context): Promise<SetupItem[]> {
  const { config, carriers } = ctx
  const hasMail = carriers.mailer !== null
  const hasSms = carriers.texter !== null
  return [
    await channelItem(ctx, 'mail', ['CHATELAINE_SMTP_URL'], hasMail ? 'ok' : 'missing'),
    {
      code: 'mail-sender',
      state: isStandIn(config.mailFrom) ? (hasMail ? 'missing' : 'advice') : 'ok',
      settings: ['CHATELAINE_MAIL_FROM'],
      facts: { sender: config.mailFrom },
    },
    await channelItem(
      ctx,
      'sms',
      ['CHATELAINE_SMS_PRESET', 'CHATELAINE_SMS_URL', 'CHATELAINE_SMS_FROM'],
      hasSms ? 'ok' : 'advice',
    ),
    {
      code: 'gateway',
      state: config.gatewayListen && !config.gatewayNextHop && !config.smtpUrl ? 'missing' : 'ok',
      settings: ['CHATELAINE_GATEWAY_LISTEN', 'CHATELAINE_GATEWAY_NEXT_HOP'],
      facts: { inUse: Boolean(config.gatewayListen ?? config.gatewayIncomingListen), inside: config.gatewayInside },
    },
    {
      code: 'guests',
      state: config.guests && !hasMail ? 'advice' : 'ok',
      settings: ['CHATELAINE_GUESTS'],
      facts: { inUse: config.guests },
    },
  ]
}
