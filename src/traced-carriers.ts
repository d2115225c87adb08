import type { Carriers } from './context.ts'
import type { KeyFinder } from './drivers/key-finder.ts'
import type { Outcome } from './drivers/outcome.ts'
import type { Following, Tracing } from './lib/tracing.ts'

type Carried = Pick<Carriers, 'mailer' | 'texter' | 'breaches' | 'finders' | 'addressBooks' | 'carrier'>

/** Whether somebody took it is in the outcome: it does not throw. */
export const judged =
  (hand: (span: Following) => Promise<Outcome>) =>
  async (span: Following): Promise<Outcome> => {
    const outcome = await hand(span)
    if (!outcome.sent) span.fail()
    return outcome
  }

function tracedFinder(tracing: Tracing, source: string, finder: KeyFinder): KeyFinder {
  const facts = { 'chatelaine.source': source }
  const { byFingerprint } = finder
  return {
    byAddress: (address) => tracing.outgoing('look up keys', facts, () => finder.byAddress(address)),
    ...(byFingerprint
      ? {
          byFingerprint: (wanted) => tracing.outgoing('look up a key', facts, () => byFingerprint.call(finder, wanted)),
        }
      : {}),
  }
}

/** Carriers each of whose errands is a span of its own: which sort, and never to whom. */
export function tracedCarriers(tracing: Tracing, carriers: Carried): Carried {
  const { mailer, texter, breaches, finders, addressBooks } = carriers
  return {
    ...carriers,
    mailer: mailer && {
      ...mailer,
      send: (mail) =>
        tracing.outgoing(
          'send mail',
          {},
          judged(() => mailer.send(mail)),
        ),
    },
    texter: texter && {
      ...texter,
      send: (text) =>
        tracing.outgoing(
          'send sms',
          {},
          judged(() => texter.send(text)),
        ),
    },
    breaches: breaches.map(({ name, ...list }) => ({
      name,
      has: (digest) => tracing.outgoing('look up a breach', {}, () => list.has(digest)),
    })),
    finders: new Map([...finders].map(([name, finder]) => [name, tracedFinder(tracing, name, finder)])),
    addressBooks: addressBooks && {
      cardsOf: (address) => tracing.outgoing('read an address book', {}, () => addressBooks.cardsOf(address)),
    },
  }
}
