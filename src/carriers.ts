import type { Config } from './config.ts'
import type { Carriers, Context } from './context.ts'
import { findSibling } from './domain/services/services.ts'
import { cardDav } from './drivers/address-books.ts'
import { type BreachList, breachFile, breachService } from './drivers/breached.ts'
import { callSibling } from './drivers/sibling.ts'
import { smsTexter, snsPreset, type Texter, twilioPreset } from './drivers/sms.ts'
import { findersOf } from './finders.ts'
import type { Clock } from './lib/clock.ts'
import type { Log } from './lib/log.ts'
import { carrierOf, SMTP_STEP } from './next-hop.ts'
import { judged } from './traced-carriers.ts'

function texterOf(config: Config, clock: Clock): Texter | null {
  const preset = config.smsPreset === 'none' && config.smsUrl ? 'generic' : config.smsPreset
  const {
    smsUrl: url,
    smsUser: user = '',
    smsPassword: password = '',
    smsToken: token = '',
    smsFrom: from = '',
  } = config
  if (preset === 'none') return null
  if (preset === 'twilio') return twilioPreset({ accountSid: user, authToken: password, from, url })
  if (preset === 'sns')
    return snsPreset({
      region: config.smsRegion,
      accessKeyId: user,
      secretAccessKey: password,
      from: config.smsFrom,
      url,
      clock,
    })
  if (!url) throw new Error('CHATELAINE_SMS_URL: the generic connector needs it')
  const auths = {
    none: { kind: 'none' },
    basic: { kind: 'basic', user, password },
    bearer: { kind: 'bearer', token },
  } as const
  return smsTexter({
    url,
    method: config.smsMethod,
    contentType: config.smsContentType,
    toParam: config.smsToParam,
    bodyParam: config.smsBodyParam,
    fromParam: config.smsFromParam,
    from,
    staticParams: Object.fromEntries(new URLSearchParams(config.smsStaticParams)),
    auth: auths[config.smsAuth],
  })
}

function fileOfBreaches(path: string): BreachList {
  try {
    return breachFile(path)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new Error(`CHATELAINE_BREACHED_FILE: ${path} cannot be used (${code ?? message})`)
  }
}

/** The file first: it costs less, and nobody outside hears of it. */
const breachesOf = ({ breachedFile, breachedUrl }: Config): BreachList[] => [
  ...(breachedFile ? [fileOfBreaches(breachedFile)] : []),
  ...(breachedUrl ? [breachService(breachedUrl)] : []),
]

function addressBooksOf({ carddavUrl: url, carddavUser: user, carddavPassword: password }: Config, { now }: Clock) {
  return url ? cardDav({ url, user, password, now }) : null
}

/** Whoever carries mail, SMS and questions out of the house; null or none where the operator named nobody. */
export async function carriersOf(
  config: Config,
  { clock, log }: { clock: Clock; log: Log },
): Promise<Pick<Carriers, 'mailer' | 'texter' | 'breaches' | 'finders' | 'addressBooks' | 'carrier'>> {
  const { smtpUrl: url, mailFrom: from } = config
  // Loaded where it is used only: it is large.
  const mailer = url ? (await import('./drivers/smtp.ts')).smtpMailer({ url, from, timeoutMs: SMTP_STEP }) : null
  return {
    mailer,
    texter: texterOf(config, clock),
    breaches: breachesOf(config),
    finders: findersOf(config),
    addressBooks: addressBooksOf(config, clock),
    carrier: carrierOf(config, log),
  }
}

/** Carries calls to sibling services: to wherever they are by then. */
export const siblingsOf = (ctx: Context): Carriers['siblings'] => ({
  async call(type, line) {
    const sibling = await findSibling(ctx, type)
    if (!sibling)
      return {
        sent: false,
        permanent: false,
        reason: `no service of the type ${type} is known: name it in CHATELAINE_SERVICES, or let it announce itself`,
      }
    const [method = '', path = ''] = line.split(' ')
    return ctx.house.tracing.outgoing(
      'call a sibling',
      { 'chatelaine.service': type },
      judged(({ headers }) => callSibling({ ...sibling, method, path, headers })),
    )
  },
})
