import type { Config } from './config.ts'
import { smsTexter, snsPreset, type Texter, twilioPreset } from './drivers/sms.ts'
import { type Mailer, smtpMailer } from './drivers/smtp.ts'
import type { Clock } from './lib/clock.ts'

// Shorter than the claim on a message, so that a slow server cannot make two of one.
const SMTP_STEP = 20_000

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

/** Whoever carries mail and SMS out of the house; null where the operator named nobody. */
export function carriersOf(config: Config, clock: Clock): { mailer: Mailer | null; texter: Texter | null } {
  const mailer = config.smtpUrl
    ? smtpMailer({ url: config.smtpUrl, from: config.mailFrom, timeoutMs: SMTP_STEP })
    : null
  return { mailer, texter: texterOf(config, clock) }
}
