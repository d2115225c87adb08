import { atomically, type Context } from '#src/context.ts'
import { type Account, findByAddress, holdAccount, isShutOut } from '#src/domain/accounts/accounts.ts'
import type { Origin } from '#src/domain/caller.ts'
import { importRings, showRing } from '#src/domain/keys/keys.ts'
import { compose, tell } from '#src/domain/messages/messages.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import { countHourly, type Hourly, hourlyWait } from '#src/domain/throttles/hourly.ts'
import { base32 } from '#src/lib/chance.ts'
import { days } from '#src/lib/clock.ts'
import { sha256 } from '#src/lib/digests.ts'
import { grouped } from '#src/lib/fingerprint.ts'
import { isAddress, plainAddress } from '#src/lib/mail-address.ts'
import { addressesIn } from '#src/lib/openpgp/addresses.ts'
import { OpenPgpRefusal } from '#src/lib/openpgp/refusals.ts'
import type { Ring } from '#src/lib/openpgp/types.ts'
import { questionMail } from './asking.ts'
import * as store from './store.ts'
import { submissionAddress, submissionSecret } from './submission-key.ts'
import { type Brought, brought } from './wks-form.ts'

const ANSWER_WITHIN = days(7)
const NONCE = 32
// Anybody can have us write to an address.
const QUESTIONS_AN_HOUR = 3
const QUESTIONS_A_DAY = 10
const ADDRESSES_A_KEY = 10

// A mail of 128 kB may unpack to much more than any key needs.
const OPENED_BYTES = 256 * 1024

const origin: Origin = { protocol: 'wks', network: 'mail', agent: '' }

const questions = (address: string): Hourly => ({ kind: 'key-question', subject: address, most: QUESTIONS_AN_HOUR })

/** Whose address it is; null for accounts of which the world sees no key. */
async function ownerOf(ctx: Context, address: string): Promise<Account | null> {
  const account = await findByAddress(ctx, address)
  if (!account?.confirmed || account.awaiting_confirmation || isShutOut(account)) return null
  return account
}

/**
 * May the owner of an address be asked about a key now? Not about the same key twice a day, and not about many: anybody
 * can make keys. In the transaction that asks.
 */
async function mayAsk(ctx: Context, account: Account, address: string, fingerprint: string): Promise<boolean> {
  const since = ctx.clock.now() - days(1)
  const asked = await store.askedSince(ctx, { accountId: account.id, address, since })
  if (asked.includes(fingerprint) || asked.length >= QUESTIONS_A_DAY) return false
  return (await hourlyWait(ctx, questions(address))) === 0
}

/** Asks the owner of one address of a key, unless he was asked often lately. */
async function ask(ctx: Context, ring: Ring, address: string): Promise<void> {
  const account = await ownerOf(ctx, address)
  if (!account) return
  const now = ctx.clock.now()
  const { openpgp } = ctx.workers
  const certificate = await openpgp.publishable({ certificate: ring.certificate, addresses: [address], now })
  const sender = submissionAddress(ctx)
  const secret = await submissionSecret(ctx)
  if (!certificate || !sender || !secret) return
  const { fingerprint } = ring.info
  const nonce = base32(ctx.clock.chance, NONCE)
  const lifetime = ANSWER_WITHIN / 1000
  const facts = { account, sender, secret, address, certificate, fingerprint, nonce, lifetime }
  const { subject, raw } = await questionMail(ctx, facts)
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    if (!(await mayAsk(ctx, account, address, fingerprint))) return
    await countHourly(ctx, questions(address))
    const expires = now + ANSWER_WITHIN
    const row = { digest: sha256(nonce), account_id: account.id, address, fingerprint, certificate }
    await store.insertSubmission(ctx, { ...row, created: now, expires })
    await compose(ctx, {
      channel: 'mail',
      to: address,
      template: 'key_submission',
      letter: { subject, text: '', raw },
    })
  })
}

async function submitted(ctx: Context, file: Uint8Array): Promise<void> {
  const { rings } = await ctx.workers.openpgp.inspect({ bytes: file, now: ctx.clock.now() })
  // A key at a time, as the draft has it; one that nobody can encrypt to could not read our question.
  const [ring] = rings
  if (ring?.info.canEncrypt !== true) return ctx.log.info('wks.ignored', { reason: 'key-unfit-to-encrypt' })
  for (const address of addressesIn(ring.info).filter(isAddress).slice(0, ADDRESSES_A_KEY))
    await ask(ctx, ring, address)
}

/** Publishes what was asked for; each answer works once. The answer must come from the mailbox and from the key alike. */
async function confirmed(ctx: Context, words: ReadonlyMap<string, string>): Promise<void> {
  if (words.get('type') !== 'confirmation-response') return
  const address = plainAddress(words.get('address') ?? '')
  if (plainAddress(words.get('sender') ?? '') !== submissionAddress(ctx)) return
  const which = { digest: sha256(words.get('nonce') ?? ''), address }
  const row = await store.waitingSubmission(ctx, which)
  const account = row && (await ownerOf(ctx, address))
  if (!account || account.id !== row.account_id) return
  // First what may fail for now, and may be done twice: the mail comes again then.
  const { rings } = await importRings(ctx, { account, file: row.certificate, origin })
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    if (!(await store.takeSubmission(ctx, which))) return
    // One that was withdrawn comes back by this: it is what its owner asked for.
    for (const ring of rings) await showRing(ctx, { account, ring, isShown: true, origin })
    await tell(ctx, account, 'key.submitted', { name: grouped(row.fingerprint) })
  })
}

async function read(ctx: Context, mail: Uint8Array): Promise<{ found: Brought | null; isSealed: boolean }> {
  const { openpgp } = ctx.workers
  const format = await openpgp.formatOfMail({ message: mail })
  if (format === null) return { found: brought(mail), isSealed: false }
  const secret = await submissionSecret(ctx)
  const secrets = secret ? [secret] : []
  const asked = { message: mail, secrets, verifyWith: [], now: ctx.clock.now(), most: OPENED_BYTES }
  const { message } = await openpgp.openMail(asked)
  return { found: brought(Buffer.concat(message)), isSealed: format === 'pgp-mime' }
}

/**
 * What comes by mail to the submission address: a key, whose owner is asked then whether it is his, or that answer,
 * which must have been encrypted to us. All else is forgotten without a word: whoever writes here may learn nothing of
 * who has an account. Throws only what may pass: the mail should be sent again then.
 */
export async function takeSubmission(ctx: Context, mail: Uint8Array): Promise<void> {
  try {
    const { found, isSealed } = await read(ctx, mail)
    if (found?.kind === 'keys') await submitted(ctx, found.file)
    else if (found && isSealed) await confirmed(ctx, found.words)
    else ctx.log.info('wks.ignored', { reason: found ? 'answer-in-clear' : 'neither-key-nor-answer' })
  } catch (error) {
    if (!(error instanceof OpenPgpRefusal) && !isPlainNo(error)) throw error
    ctx.log.info('wks.ignored', { reason: error instanceof OpenPgpRefusal ? error.reason : 'refused' })
  }
}

/** A no that a second try would only hear again. */
const isPlainNo = (error: unknown): boolean => isRefusal(error) && !isRefusal(error, 'server.busy', 'rate.exceeded')
