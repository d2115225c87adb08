import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { adviceOn, type Known, verdictOn } from '../../console/src/rooms/security/advice.ts'
import { doerOf, hintFor, wordingOf } from '../../console/src/rooms/security/events.ts'
import { nearnessOf, shownNetwork } from '../../console/src/rooms/security/networks.ts'
import { readAgent } from '../../console/src/rooms/security/user-agent.ts'
import german from '../../console/src/rooms/security/words/events/de.ts'
import english from '../../console/src/rooms/security/words/events/en.ts'
import { told } from '../../src/domain/audit/audit.ts'

const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)'

describe('what a browser says of itself, in words', () => {
  const agents: readonly (readonly [string, string | null, string | null])[] = [
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox', 'Windows'],
    [
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0`,
      'Edge',
      'Windows',
    ],
    [`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${WEBKIT} Chrome/138.0.0.0 Safari/537.36`, 'Chrome', 'macOS'],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15',
      'Safari',
      'macOS',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/138.0 Mobile/15E148 Safari/604.1',
      'Chrome',
      'iPhone',
    ],
    [
      `Mozilla/5.0 (Linux; Android 15; SM-S921B) ${WEBKIT} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`,
      'Samsung Internet',
      'Android',
    ],
    [`Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} HeadlessChrome/138.0.0.0 Safari/537.36`, 'Chrome', 'Linux'],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.0', 'Thunderbird', 'Linux'],
    ['curl/8.5.0', 'curl', null],
    ['node', 'node', null],
    ['Mozilla/5.0 (something nobody knows)', null, null],
    ['', null, null],
  ]
  for (const [header, client, system] of agents)
    it(`${header.slice(0, 60)}: ${client} on ${system}`, () => {
      const read = readAgent(header)
      assert.deepEqual([read?.client ?? null, read?.system ?? null], [client, system])
    })
})

it('a network is called what it is, and never a place', () => {
  assert.deepEqual(
    ['127.0.0.1', '0:0:0:0::/64', '192.168.3.4', '172.31.0.9', '172.32.0.9', 'fd12:3:4:5::/64', '203.0.113.7'].map(
      nearnessOf,
    ),
    ['here', 'here', 'local', 'local', 'elsewhere', 'local', 'elsewhere'],
  )
  assert.equal(shownNetwork('2001:db8:1:2::/64'), '2001:db8:1:2::')
})

describe('what happened, in words', () => {
  const sentences = (words: object, event: string): string[] => {
    const [room, name] = event.split('.') as [string, string]
    const inRoom = (words as Record<string, Record<string, string>>)[room] ?? {}
    return Object.entries(inRoom)
      .filter(([key]) => key === name || key.startsWith(`${name}_`))
      .map(([, sentence]) => sentence)
  }
  for (const [language, words] of Object.entries({ english, german }))
    it(`every event that people are told of has a sentence, filled with facts that it has: ${language}`, () => {
      for (const [event, facts] of Object.entries(told)) {
        const found = sentences(words, event)
        assert.ok(found.length > 0, `${event} has no sentence`)
        const filled = found.flatMap((sentence) => [...sentence.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name!))
        const known = [...facts, ...(facts.includes('recipients') ? ['count'] : [])]
        assert.deepEqual(
          filled.filter((name) => !known.includes(name)),
          [],
          event,
        )
      }
    })

  it('a fact chooses the sentence', () => {
    assert.deepEqual(wordingOf({ event: 'sign-in.done', detail: { by: 'app-password', name: 'Laptop' } }), {
      context: 'app-password',
      name: 'Laptop',
    })
    assert.deepEqual(wordingOf({ event: 'sign-in.challenged', detail: { needs: 'new password' } }), {
      context: 'new password',
    })
    assert.deepEqual(wordingOf({ event: 'mail.returned', detail: { recipients: 2 } }), { count: 2 })
    assert.deepEqual(wordingOf({ event: 'passkey.removed', detail: { count: 3 } }), { context: 'all', count: 3 })
  })

  it('asks whether it was the owner only where anybody may have done it', () => {
    const one = { id: '', date: '1', detail: {}, protocol: 'mailbox', address: '203.0.113.7', byOwner: false }
    assert.equal(hintFor({ ...one, event: 'sign-in.failed' }), 'guessing')
    assert.equal(hintFor({ ...one, event: 'sign-in.failed', detail: { needs: 'second step' } }), 'password-known')
    assert.equal(hintFor({ ...one, event: 'sign-in.challenged', byOwner: true }), null)
    assert.equal(hintFor({ ...one, event: 'link.sent', address: '' }), null)
    assert.equal(doerOf({ ...one, address: '' }), 'desk')
    assert.equal(doerOf({ ...one, protocol: 'gateway', address: 'local' }), 'house')
  })
})

describe('advice', () => {
  const known = (wanted: {
    status?: 'disabled' | 'enabled'
    configured?: boolean
    codes?: number
    waiting?: string
    recovery?: number
    expires?: boolean
  }): Known => {
    const { status = 'enabled', configured = true, codes = 10, waiting = '', recovery = 1, expires = false } = wanted
    return {
      overview: {
        twoFactor: { status, configured, graceEndsDate: '' },
        recoveryCodesLeft: codes,
        recovery: { waitingUntilDate: waiting },
      },
      info: {
        restrictions: {
          passwordPolicy: { allowChangeByUser: true, expiration: { enabled: expires, inWarningInterval: expires } },
          securityPolicy: {
            securityMethods: { alternateEmailAddress: true, phoneNumber: true },
            passwordRecoveryMethods: ['email'],
          },
        },
      },
      recoveryMethods: Array(recovery).fill({}),
    } as unknown as Known
  }
  const cases: readonly (readonly [string, Parameters<typeof known>[0], string | null, string])[] = [
    ['nothing is to be done', {}, null, 'strong'],
    ['a second step comes first', { configured: false, recovery: 0 }, 'second-step', 'weak'],
    ['what waits comes before all', { configured: false, waiting: '1' }, 'review-recovery', 'danger'],
    ['a password that runs out', { expires: true, codes: 1 }, 'change-password', 'fair'],
    ['few codes', { codes: 2, recovery: 0 }, 'recovery-codes', 'fair'],
    ['no way back', { recovery: 0 }, 'recovery-address', 'fair'],
    ['no second step where the house has none', { status: 'disabled', configured: false }, null, 'fair'],
  ]
  for (const [name, wanted, advice, verdict] of cases)
    it(name, () => assert.deepEqual([adviceOn(known(wanted)), verdictOn(known(wanted))], [advice, verdict]))
})
