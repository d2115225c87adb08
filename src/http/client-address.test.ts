import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { addressList, clientAddress } from './client-address.ts'
import { networkOf, perSecondLimit } from './limits.ts'

describe('the address of a client', () => {
  const trusted = addressList(['10.0.0.0/8', '::1'])

  it('is the peer, whatever it says of others, unless it is a trusted proxy', () => {
    assert.equal(clientAddress('203.0.113.9', '198.51.100.1', trusted), '203.0.113.9')
    assert.equal(clientAddress('10.1.2.3', '198.51.100.1', trusted), '198.51.100.1')
    assert.equal(clientAddress('::ffff:10.1.2.3', '198.51.100.1', trusted), '198.51.100.1')
  })

  it('is read from right to left: what the client wrote himself is not believed', () => {
    assert.equal(clientAddress('10.0.0.1', '1.1.1.1, 203.0.113.9, 10.0.0.2', trusted), '203.0.113.9')
    assert.equal(clientAddress('10.0.0.1', 'nonsense', trusted), '10.0.0.1')
    assert.equal(clientAddress('10.0.0.1', null, trusted), '10.0.0.1')
  })

  it('refuses a list with something else in it', () => {
    assert.throws(() => addressList(['proxy.example.org']), /not an address/)
  })

  it('counts an IPv6 /64 as one', () => {
    assert.equal(networkOf('2001:db8:1:2:3:4:5:6'), networkOf('2001:db8:1:2::9'))
    assert.notEqual(networkOf('2001:db8:1:2::1'), networkOf('2001:db8:1:3::1'))
    assert.equal(networkOf('::1'), '0:0:0:0::/64')
    assert.equal(networkOf('::ffff:192.0.2.1'), '192.0.2.1')
  })
})

describe('calls per second', () => {
  it('are counted in windows of a second, per key', () => {
    const mayCall = perSecondLimit(2)
    assert.deepEqual([mayCall('a', 2, 0), mayCall('a', 2, 10), mayCall('a', 2, 20)], [true, true, false])
    assert.equal(mayCall('b', 2, 20), true)
    assert.equal(mayCall('a', 2, 1000), true)
  })
})
