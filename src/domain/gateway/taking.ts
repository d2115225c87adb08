import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { atomically, type Context } from '#src/context.ts'
import { claimBody, dropBodies, keepBody } from '#src/domain/bodies/bodies.ts'
import { uuid } from '#src/lib/chance.ts'
import { hmac } from '#src/lib/digests.ts'
import { joinedBytes, STEP } from '#src/lib/joined-bytes.ts'
import { HEADER_BYTES, headerValue, splitMessage } from '#src/lib/mime/message.ts'
import { judgeTaking, noteTaken } from './bounds.ts'
import { plainlyWritten } from './envelopes.ts'
import { type Direction, isLooping } from './stamps.ts'
import * as store from './store.ts'

// What we put into a header must have room in what is read of it.
const TAKEN_HEADER_BYTES = HEADER_BYTES - 8192
// The longest name of a field, and more.
const NAME_BYTES = 256

export interface Handed {
  direction: Direction
  /** empty for a report */
  sender: string
  recipients: readonly string[]
  chunks: readonly Uint8Array[]
}

/** `turned`: it goes in a circle, or its header is larger than one can be. */
export type Taken = { id: string } | { turned: 'looping' | 'unreadable' }

async function contentDigest(chunks: readonly Uint8Array[]): Promise<string> {
  const hash = createHash('sha256')
  let pause = STEP
  let done = 0
  for (const chunk of chunks) {
    hash.update(chunk)
    done += chunk.length
    if (done < pause) continue
    pause = done + STEP
    await setImmediate()
  }
  return hash.digest('hex')
}

/** What makes two mails one: direction, envelope, content. Under a key of ours, so that nobody can try contents at it. */
async function digestOf(ctx: Context, { direction, sender, recipients, chunks }: Handed): Promise<string> {
  const content = await contentDigest(chunks)
  return hmac(ctx.secrets.pepper, JSON.stringify(['gateway mail', direction, sender, recipients.toSorted(), content]))
}

/**
 * Makes a mail ours: when this answers, it is on the disk. A mail with a Message-ID that comes once more, because the one
 * who hands it over did not hear our answer, is the same mail as long as we remember it (the setting gatewayDays).
 * Refuses with 'server.busy' while too many wait.
 */
export async function takeMail(ctx: Context, { direction, chunks, ...envelope }: Handed): Promise<Taken> {
  const sender = plainlyWritten(envelope.sender)
  const recipients = envelope.recipients.map(plainlyWritten)
  const message = await joinedBytes(chunks)
  // With so much more that a field whose name would be cut in two is not taken for the beginning of the text.
  const header = splitMessage(message.subarray(0, TAKEN_HEADER_BYTES + NAME_BYTES))
  if (header.bodyOffset > TAKEN_HEADER_BYTES) return { turned: 'unreadable' }
  if (isLooping(ctx, direction, header)) return { turned: 'looping' }
  const id = uuid(ctx.clock.chance)
  // One without a Message-ID may well be meant twice.
  const digest = headerValue(header, 'message-id') ? await digestOf(ctx, { direction, sender, recipients, chunks }) : id
  const known = await store.mailByDigest(ctx, digest)
  if (known) return settledOf(ctx, known.id)
  await judgeTaking(ctx)
  const body = await keepBody(ctx, message)
  const now = ctx.clock.now()
  const isNew = await atomically(ctx, async (ctx) => {
    const isNew = await store.insertMail(ctx, {
      id,
      digest,
      direction,
      sender,
      recipients: JSON.stringify(recipients),
      body_id: body,
      received: now,
      state: 'waiting',
      attempts: 0,
      due: now,
      held: 0,
      outcome: '',
    })
    if (isNew) await claimBody(ctx, body)
    else await dropBodies(ctx, [body])
    return isNew
  })
  noteTaken(ctx)
  return settledOf(ctx, isNew ? id : (await store.mailByDigest(ctx, digest))!.id)
}

/** Nobody hears that we have a mail before the disk has it: not even who is the second to hand it over. */
async function settledOf(ctx: Context, id: string): Promise<Taken> {
  await ctx.database.durable()
  return { id }
}
