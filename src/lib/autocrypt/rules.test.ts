import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { afterGossip, afterMail, effectiveDate, nobody, type Peer } from './peer.ts'
import { adviceFor, adviceForAll } from './recommendation.ts'

const DAY = 86_400_000
const start = Date.UTC(2026, 0, 1)
const known: Peer<string> = { ...nobody, lastSeen: start, keySeen: start, key: 'first' }
const header = (key: string, prefersEncryption = false) => ({ key, prefersEncryption })

describe('what is known of a correspondent', () => {
  it('takes the date of a mail, never one from the future', () => {
    assert.equal(effectiveDate(start - 5, start), start - 5)
    assert.equal(effectiveDate(start + DAY, start), start)
    assert.equal(effectiveDate(start + DAY + 1, start), null)
    assert.equal(effectiveDate(null, start), null)
  })

  it('follows the newest header', () => {
    const first = afterMail<string>(nobody, { date: start, header: header('first', true) })
    assert.deepEqual(first, { ...known, prefersEncryption: true })
    const second = afterMail(first, { date: start + 1, header: header('second') })
    assert.deepEqual([second.key, second.prefersEncryption, second.keySeen], ['second', false, start + 1])
    assert.equal(afterMail(second, { date: start, header: header('first') }), second)
  })

  it('notes a mail without a header, and keeps the key', () => {
    const later = afterMail(known, { date: start + DAY, header: null })
    assert.deepEqual(later, { ...known, lastSeen: start + DAY })
    assert.equal(afterMail(later, { date: start + 5, header: null }), later)
    // An older mail with a header that comes late is still newer than the header that is known.
    const late = afterMail(later, { date: start + 5, header: header('second') })
    assert.deepEqual([late.key, late.keySeen, late.lastSeen], ['second', start + 5, start + DAY])
  })

  it('keeps gossip apart', () => {
    const told = afterGossip(known, { date: start + 2, key: 'told' })
    assert.deepEqual([told.key, told.gossip, told.gossipSeen], ['first', 'told', start + 2])
    assert.equal(afterGossip(told, { date: start + 1, key: 'older' }), told)
  })
})

describe('the recommendation', () => {
  const plain = { prefers: false, answers: false }
  const mutual = { ...known, prefersEncryption: true }
  const advice = (peer: Peer<string> | null, sender = plain) => adviceFor(peer, sender).recommendation

  it('is to encrypt by default only where both prefer it, or the mail answers an encrypted one', () => {
    assert.equal(advice(known), 'available')
    assert.equal(advice(mutual), 'available')
    assert.equal(advice(known, { ...plain, prefers: true }), 'available')
    assert.equal(advice(mutual, { ...plain, prefers: true }), 'encrypt')
    assert.equal(advice(known, { ...plain, answers: true }), 'encrypt')
  })

  it('is against it where nothing is known, or nothing that can be used', () => {
    assert.deepEqual(adviceFor(null, { prefers: true, answers: true }), { recommendation: 'disable', key: null })
    assert.equal(advice({ ...mutual, key: null }, { prefers: true, answers: true }), 'disable')
  })

  it('warns where the key is from others, or its owner wrote for 35 days without one', () => {
    const told = { ...nobody, gossip: 'told', gossipSeen: start }
    assert.deepEqual(adviceFor(told, plain), { recommendation: 'discourage', key: 'told' })
    assert.equal(advice({ ...told, prefersEncryption: true }, { ...plain, prefers: true }), 'discourage')
    assert.equal(advice(told, { ...plain, answers: true }), 'encrypt')
    const silent = { ...mutual, lastSeen: start + 35 * DAY + 1 }
    assert.equal(advice(silent, { ...plain, prefers: true }), 'discourage')
    assert.equal(advice({ ...silent, lastSeen: start + 35 * DAY }, { ...plain, prefers: true }), 'encrypt')
    assert.equal(adviceFor({ ...known, gossip: 'told' }, plain).key, 'first', 'his own key comes first')
  })

  it('for several is that of the weakest', () => {
    assert.equal(adviceForAll([]), 'disable')
    assert.equal(adviceForAll(['encrypt', 'disable', 'discourage']), 'disable')
    assert.equal(adviceForAll(['encrypt', 'encrypt']), 'encrypt')
    assert.equal(adviceForAll(['encrypt', 'discourage', 'available']), 'discourage')
    assert.equal(adviceForAll(['encrypt', 'available']), 'available')
  })
})
