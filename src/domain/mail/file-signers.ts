import type { Context } from '#src/context.ts'
import { type Account, findByAddress } from '#src/domain/accounts/accounts.ts'
import { findKeyById } from '#src/domain/discovery/discovery.ts'
import { inOurWords } from '#src/domain/keys/keys.ts'
import type { SignatureVerdict } from '#src/lib/openpgp/types.ts'
import type { MailHeader } from './header.ts'
import { oneAtATime } from './lines.ts'
import { type Circle, circleOf, type MailSignature, signatureOf, widened, withExpiry } from './signers.ts'

interface SignedFile {
  data: Uint8Array
  /** packets or armor */
  signatures: Uint8Array
  /** who is said to have signed it, if anybody is */
  from: string | null
  reader: Account
  /** fingerprints of his keys that it was encrypted to; none when it was not encrypted */
  readers: readonly string[]
}

// As many keys as are looked for by their ids; a file that more people signed is no file of everyday life.
const MOST_SIGNERS = 10

/** A file names nobody: whoever is said to have signed it stands where a mail has its author. */
const headerFor = (from: string | null): MailHeader => ({
  authors: from === null ? [] : [from],
  author: from,
  deputies: [],
  named: [],
  blind: [],
})

function verdictsOf(
  ctx: Context,
  { data, signatures, reader, readers }: SignedFile,
  verifyWith: Uint8Array[],
): Promise<SignatureVerdict[]> {
  const { openpgp } = ctx.workers
  return oneAtATime(ctx, reader, () =>
    inOurWords(openpgp.verifyDetached({ data, signature: signatures, verifyWith, readers, now: ctx.clock.now() })),
  )
}

/** The circle with the keys that are said to have signed, as far as the reader has them at home. */
async function withSigners(
  ctx: Context,
  circle: Circle,
  { reader, keyIds }: { reader: Account; keyIds: readonly string[] },
): Promise<Circle> {
  const certificates = [...circle.certificates]
  const speakers = new Map(circle.speakers)
  for (const id of keyIds) {
    const found = await findKeyById(ctx, { account: reader, ids: [id] })
    if (!found || speakers.has(found.key.fingerprint)) continue
    const { certificate, fingerprint, source, trusted, verdict } = found.key
    const { address } = found
    // Of our people their own keys speak, and no other that bears their address, whoever has uploaded it.
    if (source !== 'tenant' && address !== null && (await findByAddress(ctx, address))) continue
    const whose = { address: address ?? '', trusted: trusted && address !== null }
    speakers.set(fingerprint, { ...whose, source, revoked: verdict === 'revoked' })
    certificates.push(certificate)
  }
  return { certificates, speakers }
}

/**
 * Judges the signatures of a file: by the keys of the reader and of whoever is said to have signed it, and by any that
 * the reader has at home. Refuses 'mail.unreadable' for what is no signature. A bad one is no refusal.
 */
export async function signaturesOn(ctx: Context, file: SignedFile): Promise<MailSignature[]> {
  const { reader } = file
  const header = headerFor(file.from)
  // Without keys nothing is judged, so nothing of the file is needed to learn who is said to have signed it.
  const claims = await verdictsOf(ctx, { ...file, data: new Uint8Array() }, [])
  const keyIds = [...new Set(claims.map(({ keyId }) => keyId))].slice(0, MOST_SIGNERS)
  const circle = await withSigners(ctx, await circleOf(ctx, header, reader), { reader, keyIds })
  const verdicts = await verdictsOf(ctx, file, circle.certificates)
  const judged = (all: SignatureVerdict[], by: Circle) => {
    const found = all.map((verdict) => signatureOf(verdict, header, by))
    return withExpiry(ctx, found, by)
  }
  try {
    const wider = await widened(ctx, { circle, header, reader, verdicts })
    if (wider) return await judged(await verdictsOf(ctx, file, wider.certificates), wider)
  } catch (error) {
    ctx.log.info('signer.not-judged', { account: reader.id, error })
  }
  return judged(verdicts, circle)
}
