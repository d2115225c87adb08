import type { Reason } from '#src/domain/refusals.ts'

/** Seconds after which asking again may help, by reason, where the refusal itself did not know better. */
const usual: Partial<Record<Reason, number>> = {
  'code.unsendable': 60,
  // Nobody but the operator can change that.
  'mail.off': 3600,
  'sms.off': 3600,
}
const SOON = 2

/** Every "not now" says when: whoever has to guess asks too often. */
export function sayWhen({ status, headers }: Response, reason: string): void {
  if ((status === 429 || status === 503) && !headers.has('Retry-After'))
    headers.set('Retry-After', String(usual[reason as Reason] ?? SOON))
}
