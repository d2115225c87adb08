import { z } from 'zod'
import type { Context } from '#src/context.ts'
import { mayOperate } from '#src/domain/operating.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { type Endpoint, endpoint } from '#src/http/endpoint.ts'
import { publicBase } from '#src/lib/public-base.ts'
import { text } from './input.ts'
import { passwordPattern } from './password-rule.ts'
import { complaint } from './refuse.ts'

const ENTRIES_AT_MOST = 100
const LENGTH_AT_MOST = 16_384

/** Properties that upstream's configuration has a name for, and that anybody who is signed in may know. */
const properties: Record<string, (ctx: Context) => string | number | boolean | undefined> = {
  'openwifi.system.uri.public': ({ config }) => publicBase(config),
  'openwifi.system.uri.ui': ({ config }) => config.uiUrl ?? config.publicUrl,
  'openwifi.security.restapi.disable': ({ config }) => config.tls === 'off',
  'openwifi.avatar.maxsize': ({ config }) => config.avatarLimit,
  'openwifi.document.policy.access': () => '/wwwassets/access_policy.html',
  'openwifi.document.policy.password': () => '/wwwassets/password_policy.html',
  'openwifi.kafka.enable': ({ config }) => config.kafkaBrokers.length > 0,
  'alb.enable': ({ config }) => config.healthListen !== undefined,
  'alb.port': ({ config }) => config.healthListen?.port,
  'authentication.token.ageing': ({ config }) => config.tokenLifetime,
  'authentication.refresh_token.lifespan': ({ config }) => config.refreshLifetime,
  'authentication.oldpasswords': ({ config }) => config.passwordHistory,
  'authentication.validation.expression': passwordPattern,
  'subscriber.validation.expression': passwordPattern,
  'mailer.enabled': ({ carriers }) => carriers.mailer !== null,
  'mailer.sender': ({ config }) => config.mailFrom,
  'smssender.enabled': ({ carriers }) => carriers.texter !== null,
  'totp.issuer': ({ config }) => config.totpIssuer,
}

/** The value of an entry for somebody; what he may not know, and what does not exist, are both empty. */
function entryFor(ctx: Context, name: string, isOperator: boolean): string {
  const property = Object.hasOwn(properties, name) ? properties[name] : undefined
  const value = property ? property(ctx) : isOperator ? ctx.house.setting(name) : null
  return String(value ?? '')
}

const Entries = z.array(z.object({ parameterName: z.string(), parameterValue: z.string() }))

const unchangeable = (at: 'PUT /systemConfiguration' | 'DELETE /systemConfiguration') =>
  endpoint({
    at,
    what: 'Not done: settings are read once, when the server starts',
    who: 'a session or key',
    async does(_ctx, _input, { account }) {
      throw new Refusal(account.role === 'root' ? 'feature.missing' : 'access.denied')
    },
  })

/** What the server was told at its start, as far as it is nobody's secret. */
export const systemConfiguration: readonly Endpoint[] = [
  endpoint({
    at: 'GET /systemConfiguration',
    what: 'Settings by their names in `entries`, comma separated; secrets and unknown names are empty',
    who: 'a session or key',
    in: { query: z.object({ entries: text(LENGTH_AT_MOST) }) },
    out: Entries,
    async does(ctx, { query }, { account }): Promise<z.output<typeof Entries>> {
      const names = (query.entries ?? '')
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '')
      if (names.length === 0 || names.length > ENTRIES_AT_MOST) throw complaint(1018)
      const isOperator = mayOperate(account)
      return names.map((name) => ({ parameterName: name, parameterValue: entryFor(ctx, name, isOperator) }))
    },
  }),
  unchangeable('PUT /systemConfiguration'),
  unchangeable('DELETE /systemConfiguration'),
]
