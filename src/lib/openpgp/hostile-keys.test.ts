import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { effort } from '../effort-testing.ts'
import { engine } from './engine.ts'
import { ada, adaWord, binding, locks, nested, oddKeys, packet, primary, slices, vouchedFor } from './odd-keys.ts'
import { tag } from './packets.ts'
import { openPgpPool } from './pool.ts'
import { OpenPgpRefusal } from './refusals.ts'
import { bytes, day, newKey, now } from './testing.ts'

const SOON = 3000

/** Waits for an answer or a refusal; anything else, and anything late, fails the test. */
async function soon<T>(work: Promise<T>, what = ''): Promise<T | OpenPgpRefusal> {
  const spent = effort()
  const answer = await work.catch((error: unknown) => {
    if (error instanceof OpenPgpRefusal) return error
    throw error
  })
  const took = spent()
  assert.ok(took < SOON, `${what} took ${took} ms`)
  return answer
}

for (const [what, { file, canEncrypt, refused }] of Object.entries(oddKeys)) {
  test(`a file with ${what}: ${refused ? 'refused' : 'understood'}`, async () => {
    const answer = await soon(engine.inspect({ bytes: file, now }), what)
    if (answer instanceof OpenPgpRefusal) assert.equal(answer.reason, refused, answer.detail)
    else assert.deepEqual([answer.rings[0]?.info.canEncrypt, refused], [canEncrypt, undefined])
    const certificate = answer instanceof OpenPgpRefusal ? file : answer.rings[0]!.certificate
    await soon(engine.publishable({ certificate, addresses: ['ada@x.test'], now }))
    await soon(engine.minimal({ certificate, address: 'ada@x.test', now }))
    await soon(engine.pictures({ certificate }))
    await soon(engine.certifications({ certificate, verifyWith: [file], now }))
    await soon(engine.merge({ certificate: ada.certificate, other: certificate, now }))
    await soon(engine.encrypt({ data: bytes('x'), recipients: [certificate], now }))
  })
}

for (const [what, file] of Object.entries(locks)) {
  test(`a secret key locked with ${what} is refused soon`, async () => {
    const { rings } = await engine.inspect({ bytes: file, now })
    const answer = await soon(engine.unlock({ secret: rings[0]!.secret!, password: 'pw' }), what)
    // A lock of an unknown kind counts as a secret that is kept elsewhere.
    const isStub = rings[0]?.info.keys.every(({ hasSecret }) => !hasSecret)
    assert.ok(isStub || answer instanceof OpenPgpRefusal)
    if (/terabyte|passes|many times/.test(what)) assert.equal((answer as OpenPgpRefusal).reason, 'key.too-large')
  })
}

test('a message under many passwords, or under a dear one, is refused soon', async () => {
  const dear = packet(tag.passwordSession, Buffer.from([4, 9, 4, ...Array<number>(16).fill(7), 255, 4, 19]))
  const rest = packet(tag.authenticated, Buffer.alloc(60, 1))
  for (const message of [Buffer.concat([dear, rest]), Buffer.concat([...Array<Buffer>(900).fill(dear), rest])]) {
    const answer = await soon(engine.decryptWithPassword({ message, password: 'pw', now }))
    assert.equal((answer as OpenPgpRefusal).reason, 'message.too-large')
  }
})

test('thousands of forged signatures of the key itself cost one look each', async () => {
  const forged = Array.from({ length: 4500 }, (_, index) => {
    const copy = Buffer.from(adaWord)
    copy.writeUInt32BE(index, copy.length - 4)
    return copy
  })
  const [key, userId, word, ...rest] = slices(ada.certificate)
  const file = Buffer.concat([key!, userId!, ...forged, word!, ...rest])
  const answer = await soon(engine.inspect({ bytes: file, now }), 'forged signatures')
  assert.ok(!(answer instanceof OpenPgpRefusal))
  assert.deepEqual(
    [answer.rings[0]?.info.canEncrypt, answer.rings[0]?.certificate.length],
    [true, ada.certificate.length],
  )
})

test('keys that vouch for each other in a circle', async () => {
  const eve = await newKey('eve')
  const [eveKey, eveId, eveWord, eveSubkey, eveBinding] = slices(eve.certificate)
  const [, adaId, , adaSubkey] = slices(ada.certificate)
  const one = Buffer.concat([
    primary,
    adaId!,
    adaWord,
    eveWord!,
    packet(tag.publicSubkey, eveKey!.subarray(2)),
    eveBinding!,
  ])
  const two = Buffer.concat([
    eveKey!,
    eveId!,
    eveWord!,
    adaWord,
    packet(tag.publicSubkey, primary.subarray(2)),
    binding,
  ])
  const file = Buffer.concat([one, two, adaSubkey!, eveSubkey!])
  const answer = await soon(engine.inspect({ bytes: file, now }))
  assert.ok(!(answer instanceof OpenPgpRefusal))
  assert.deepEqual(
    answer.rings.map(({ info }) => info.canEncrypt),
    ['key.no-encryption-subkey', 'key.no-encryption-subkey'],
  )
})

test('text that is made to be searched for ever is read in one go', async () => {
  const openings = [
    '-----BEGIN PGP ',
    '-----BEGIN PGP PUBLIC KEY BLOCK-----\n',
    '=3D',
    '<p ',
    '&#',
    '> ',
    '\n',
    '=\n',
    'A: b\n',
    ' ',
  ]
  for (const opening of openings) {
    const text = opening.repeat(Math.floor((1024 * 1024) / opening.length))
    const answer = await soon(engine.inspect({ bytes: bytes(text), now }), JSON.stringify(opening))
    assert.ok(answer instanceof OpenPgpRefusal)
  }
})

type Change = { at: number; other: number; what: string; by: number }
const changes = fc.array(
  fc.record({
    at: fc.nat(40),
    other: fc.nat(5000),
    what: fc.constantFrom(
      'flip',
      'cut',
      'double',
      'swap',
      'drop',
      'grow',
      'shrink',
      'retag',
      'nest',
      'graft',
      'stretch',
    ),
    by: fc.integer({ min: 1, max: 255 }),
  }),
  { minLength: 1, maxLength: 5 },
)

/** The packets of a key after some of them were changed, each still framed unless its length was what changed. */
function changed(file: Uint8Array, grafts: Buffer[], list: Change[]): Uint8Array {
  let parts = slices(file)
  for (const { at, other, what, by } of list) {
    const here = at % parts.length
    const part = Buffer.from(parts[here]!)
    const inside = 2 + (other % Math.max(1, part.length - 2))
    const type = (part[0] ?? 0) & 0x3f
    if (what === 'flip') part[inside] = (part[inside] ?? 0) ^ by
    parts[here] = part
    if (what === 'cut') parts[here] = packet(type, part.subarray(2, inside))
    if (what === 'grow') parts[here] = packet(type, Buffer.concat([part.subarray(2), Buffer.alloc(by, by)]))
    if (what === 'shrink') parts[here] = part.subarray(0, -(by % part.length) || undefined)
    if (what === 'stretch') part[1] = by
    if (what === 'retag') part[0] = 0xc0 | (by & 0x3f)
    if (what === 'nest')
      parts[here] = packet(type, Buffer.concat([part.subarray(2, inside), part, part.subarray(inside)]))
    if (what === 'double') parts.splice(other % parts.length, 0, part)
    if (what === 'graft') parts.splice(here, 0, grafts[other % grafts.length]!)
    if (what === 'drop' && parts.length > 1) parts.splice(here, 1)
    if (what === 'swap') parts = [...parts.slice(here), ...parts.slice(0, here)]
  }
  return new Uint8Array(Buffer.concat(parts))
}

test('whatever is done to the packets of a key, it is understood or refused, and soon', async () => {
  const rich = async (algorithm: 'curve25519' | 'rsa2048' | 'v6') => {
    const made = await newKey('rich', algorithm, 86_400 * 30)
    const two = await engine.addUserId({ secret: made.secret, name: 'Two', email: 'two@x.test', now })
    const rotated = await engine.rotateSubkey({ secret: two.secret!, until: null, retire: true, now: now + day })
    return { ...rotated, revocation: made.revocation }
  }
  const keys = [await rich('curve25519'), await rich('rsa2048'), await rich('v6')]
  const grafts = [
    ...keys.flatMap(({ certificate }) => slices(certificate)),
    nested(3),
    ...(await vouchedFor(Buffer.from('x'))),
  ]
  const which = fc.constantFrom(...keys)
  const at = now + 2 * day
  const address = 'two@x.test'
  const verifyWith = keys.map(({ certificate }) => certificate)
  const work: Record<string, (bad: Uint8Array, key: (typeof keys)[number], badSecret: Uint8Array) => Promise<unknown>> =
    {
      inspect: (bad) => engine.inspect({ bytes: bad, now: at }),
      'inspect a secret': (_, __, secret) => engine.inspect({ bytes: secret, now: at }),
      merge: (other, { secret }) => engine.merge({ certificate: secret!, other, now: at }),
      'merge a secret': (_, { certificate }, other) => engine.merge({ certificate, other, now: at }),
      publishable: (certificate) => engine.publishable({ certificate, addresses: [address], now: at }),
      minimal: (certificate) => engine.minimal({ certificate, address, now: at }),
      pictures: (certificate) => engine.pictures({ certificate }),
      certifications: (certificate) => engine.certifications({ certificate, verifyWith, now: at }),
      applyRevocation: (certificate, { revocation }) => engine.applyRevocation({ certificate, revocation, now: at }),
      setExpiry: (_, __, secret) => engine.setExpiry({ secret, until: at + day, now: at }),
      addUserId: (_, __, secret) => engine.addUserId({ secret, name: 'n', email: 'n@x.test', now: at }),
      revoke: (_, __, secret) => engine.revoke({ secret, reason: 'none', now: at }),
      encrypt: (bad) => engine.encrypt({ data: bytes('x'), recipients: [bad], now: at }),
    }
  for (const [what, run] of Object.entries(work)) {
    const property = fc.asyncProperty(which, changes, async (key, list) => {
      const bad = changed(key.certificate, grafts, list)
      await soon(run(bad, key, changed(key.secret!, grafts, list)), what)
    })
    await fc.assert(property, { seed: 20_260_301, numRuns: 300, interruptAfterTimeLimit: 900 })
  }
})

test('a worker that a key keeps busy is ended, and the next job has another', async () => {
  const pool = openPgpPool({ size: 1, queueLimit: 5 })
  for (const [what, { file }] of Object.entries(oddKeys)) await soon(pool.inspect({ bytes: file, now }), what)
  await pool.close()
})
