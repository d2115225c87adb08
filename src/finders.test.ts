import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readConfig } from './config.ts'
import { findersOf } from './finders.ts'

const finders = (settings: Record<string, string> = {}) => findersOf(readConfig(settings))

describe('sources of keys by the settings', () => {
  it('are those in the world that the list names', () => {
    assert.deepEqual([...finders().keys()], ['wkd'])
    const names = 'hkps://a.example.org,tenant,https://b.example.org=1,dane'
    const settings = { CHATELAINE_KEY_SOURCES: names, CHATELAINE_DNSSEC_RESOLVER: '127.0.0.1:53' }
    assert.deepEqual([...finders(settings).keys()], ['hkps://a.example.org', 'https://b.example.org', 'dane'])
    assert.deepEqual([...finders({ CHATELAINE_KEY_SOURCES: 'none' }).keys()], [])
  })

  it('end the start where a resolver is elsewhere, or a file holds no certificates', () => {
    const wrong: [Record<string, string>, RegExp][] = [
      [{ CHATELAINE_DNSSEC_RESOLVER: '192.0.2.53:53' }, /CHATELAINE_DNSSEC_RESOLVER: .*loopback/],
      [{ CHATELAINE_KEY_LOOKUP_CA: '/nowhere/ca.pem' }, /CHATELAINE_KEY_LOOKUP_CA: .*ENOENT/],
      [{ CHATELAINE_KEY_LOOKUP_CA: import.meta.filename }, /CHATELAINE_KEY_LOOKUP_CA/],
    ]
    for (const [settings, says] of wrong) assert.throws(() => finders(settings), says)
  })
})
