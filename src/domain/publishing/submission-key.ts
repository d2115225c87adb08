import type { Context } from '#src/context.ts'
import { ownSecret } from '#src/domain/keys/keys.ts'
import { isAddress, plainAddress } from '#src/lib/mail-address.ts'
import { wkdName } from '#src/lib/wkd.ts'
import { type Shown, stripped } from './stripping.ts'

/** Where keys are mailed to for publication; null where the operator offers no such service. */
export function submissionAddress({ config }: Context): string | null {
  const address = plainAddress(config.wksAddress ?? '')
  return isAddress(address) ? address : null
}

/** The key that such mails are encrypted to. Made once, kept sealed, the same on every node. */
const nameOf = (address: string): string => `web key service ${address}`
const secrets = new WeakMap<Context['database'], Promise<Uint8Array>>()

async function make(ctx: Context, address: string): Promise<Uint8Array> {
  const userIds = [{ name: '', email: address }]
  const { secret } = await ctx.workers.openpgp.generate({
    userIds,
    algorithm: 'curve25519',
    validSeconds: 0,
    now: ctx.clock.now(),
  })
  return secret
}

/** Its secret; null where there is no such service. */
export async function submissionSecret(ctx: Context): Promise<Uint8Array | null> {
  const address = submissionAddress(ctx)
  if (!address) return null
  const known = secrets.get(ctx.database)
  if (known) return known
  const loading = ownSecret(ctx, nameOf(address), () => make(ctx, address))
  secrets.set(ctx.database, loading)
  loading.catch(() => secrets.delete(ctx.database))
  return loading
}

const certificates = new WeakMap<Context['database'], Promise<Shown | null>>()

async function certify(ctx: Context, address: string): Promise<Shown | null> {
  const secret = await submissionSecret(ctx)
  const { rings } = await ctx.workers.openpgp.inspect({ bytes: secret!, now: ctx.clock.now() })
  return stripped(ctx, rings[0]!.certificate, [address])
}

/** Its certificate; null where there is no such service, or where another address is asked for. */
export async function submissionCertificate(ctx: Context, asked?: string): Promise<Shown | null> {
  const address = submissionAddress(ctx)
  if (!address || (asked !== undefined && asked !== address)) return null
  const known = certificates.get(ctx.database)
  if (known) return known
  const certifying = certify(ctx, address)
  certificates.set(ctx.database, certifying)
  certifying.catch(() => certificates.delete(ctx.database))
  return certifying
}

/** The submission address, if it has this name in the Web Key Directory of a domain. */
export function submissionAddressNamed(ctx: Context, wkd: string, domain: string): string | undefined {
  const address = submissionAddress(ctx)
  return address?.endsWith(`@${domain}`) && wkdName(address) === wkd ? address : undefined
}
