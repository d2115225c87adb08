import type { DecryptedMail, MailSignature } from '#src/domain/mail/mail.ts'

const explanations: Record<MailSignature['status'], (signer: string) => string> = {
  valid: (signer) =>
    `The signature is good, but its key belongs to ${signer}, who is not the sender of this message, or not the only one.`,
  invalid: () => 'The signature is not good: the message was changed, or somebody else signed it.',
  'unknown-key': () => 'Signed with a key that this server does not know, so nobody can tell who signed it.',
  'key-expired': (signer) => `Signed with a key of ${signer} that had expired by then.`,
  'key-revoked': (signer) => `Signed with a key of ${signer} that has been revoked.`,
}

const forOthers =
  'The signature is not good here: it was meant for somebody else, and this was sent on to you by another hand.'

type Signature = Omit<MailSignature, 'created'>

/** What a signature says, in plain words. */
export function explanationOf(signature: Signature): string {
  const since = ' Its key has expired since; it was good when it signed.'
  return judgement(signature) + (signature.keyExpired === null ? '' : since)
}

function judgement({ status, signer, matchesSender, source, trusted, isForOthers }: Signature): string {
  if (isForOthers) return forOthers
  if (matchesSender) return `Signed by ${signer}, the sender of this message, and not changed since.`
  if (source === null || trusted) return explanations[status](signer ?? 'somebody else')
  if (status !== 'valid') return explanations[status]('an owner whom nobody has confirmed')
  return `The signature is good, but nobody has confirmed that its key, which is from ${source}, belongs to the sender.`
}

type Whole = Omit<DecryptedMail, 'message'>

const relayed = (guest: string): string =>
  `Signed by ${guest}, who answered through this server, and not changed since.`
const unsigned = 'Nobody has signed this message, so nobody can tell who wrote it.'
const leftOut = 'More stood in the message that was not part of it and that nobody has signed: it is left out.'
const manyAuthors =
  'It is from several people, or from somebody who can be read in two ways: nobody signs for them all.'
const fromDiffers = 'The message names another sender inside than outside.'

/** What the signatures of a message amount to, in plain words. */
export function wholeExplanation({ verification, signatures, hasMore, protectedHeaders, ...facts }: Whole): string {
  const telling: Record<DecryptedMail['verification'], (signature: MailSignature) => boolean> = {
    good: ({ matchesSender }) => matchesSender,
    partly: ({ matchesSender }) => matchesSender,
    other: ({ status, trusted }) => status === 'valid' && trusted,
    bad: ({ status }) => status !== 'valid' && status !== 'unknown-key',
    unknown: () => true,
    none: () => false,
  }
  const signature = facts.relayedBy === null ? signatures.find(telling[verification]) : undefined
  const changed = protectedHeaders.flatMap((header) => (header.changed ? [header.name] : []))
  return [
    facts.relayedBy !== null ? relayed(facts.relayedBy) : signature ? explanationOf(signature) : unsigned,
    ...(hasMore ? [leftOut] : []),
    ...(signature && !facts.hasOneAuthor ? [manyAuthors] : []),
    ...(facts.fromDiffers ? [fromDiffers] : []),
    ...(changed.length > 0 ? [`On its way the header was changed outside: ${changed.join(', ')}.`] : []),
  ].join(' ')
}
