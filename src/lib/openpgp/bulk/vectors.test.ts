import assert from 'node:assert/strict'
import { test } from 'node:test'
import { engine } from '../engine.ts'
import { boundedMessage } from '../envelope.ts'
import { now, text } from '../testing.ts'
import { openMessage } from './opening.ts'

/** Encrypted data with its session key: RFC 9580, appendices A.9 to A.11, and what GnuPG follows (rfc4880bis). */
const samples = {
  'A.9, EAX, by the library': {
    key: '3881bafe985412459b86c36f98cb9a5e',
    data: 'd269020701069ff90e3b321964f3a42913c8dcc6619325015227efb7eaeaa49f04c2e674175d4a3d226ed6afcb9ca9ac122c1470e11c63d4c0ab241c6a938ad48bf99a5a99b90bba8325de61047540258ab7959a95ad051dda96eb15431dfef5f5e2255ca78261546e339a',
  },
  'A.10, OCB': {
    key: '28e79ab82397d3c63de24ac217d7b791',
    data: 'd2690207020620a661f731fc9a3032b5623326027e3a5d8db5748ebeff0b0c5910d09ecdd641ff9fd38562758035bc49754ce1bf3fffa7dad0a3b8104f5133cf42a4100a83eef4ca1b4801a8846bf42bcda7c8ce9d65e212f301cbcd98fdcade694a877ad4247323f6e857',
  },
  'A.11, GCM': {
    key: '1936fc8568980274bb900d8319360c77',
    data: 'd26902070306fcb94490bcb98bbdc9d106c6090266940f72e89edc21b5596b1576b101ed0f9ffc6fc6d65bbfd24dcd0790966e6d1e85a30053784cb1d8b6a0699ef12155a7b2ad6258531b57651fd7777912fa95e35d9b40216f69a4c248db28ff4331f1632907399e6ff9',
  },
}

const draftOfOcb = {
  key: 'd1f01ba30e130aa7d2582c16e050ae44',
  data: 'd4490107020e5ed2bc1e470abe8f1d644c7a6c8a567b0f7701196611a154ba9c2574cd056284a8ef68035c623d93cc708a43211bb6eaf2b27f7c18d571bcd83b20add3a08b73af15b9a098',
}

const fromHex = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))

async function opened(data: string, key: string, algorithm: string | null): Promise<string> {
  const message = fromHex(data)
  const outer = { bytes: message, envelope: boundedMessage(message), isOurs: false }
  return text(
    (await openMessage(outer, [{ data: fromHex(key), algorithm }], { verificationKeys: [], now, most: 1000 })).data,
  )
}

for (const [name, { key, data }] of Object.entries(samples)) {
  test(`the sample of RFC 9580, appendix ${name}`, async () => {
    assert.equal(await opened(data, key, null), 'Hello, world!')
    const wrongKey = key.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
    await assert.rejects(opened(data, wrongKey, null), /message\.tampered/)
  })
}

test('the sample of the draft that GnuPG follows: a packet of type 20', async () => {
  const { key, data } = draftOfOcb
  assert.equal(await opened(data, key, 'aes128'), 'Hello, world!\n')
  await assert.rejects(opened(data, key, 'aes256'), /message\.tampered/)
  await assert.rejects(opened(data.replace(/98$/, '99'), key, 'aes128'), /message\.tampered/)
})

/** The key of appendix A.4 and the message of A.8: X25519 and OCB. */
const secretKey =
  'xUsGY4d/4xsAAAAg+U2nu0jWCmHlZ3BqZYfQMxmZu52JGggkLq2EVD34laMAGXKBexK+cH6NX1hs5hNhIB00TrJmosgv3mg1ditlsLfCsQYfGwoAAABCBYJjh3/jAwsJ' +
  'BwUVCg4IDAIWAAKbAwIeCSIhBssYbE8GCaaX5NUt+mxyKwwfHifBilZwj2Ul7Ce62azJBScJAgcCAAAAAK0oIBA+LX0ifsDm185Ecds2v8lwgyU2kCcUmKfvBXbAf6rh' +
  'RYWzuQOwEn7E/aLwIwRaLsdry0+VcallHhSu4RN6HWaEQsiPlR4zxP/TP7mhfVEe7XWPxtnMUMtf15OyA51YBMdLBmOHf+MZAAAAIIaTJINn+eUBXbki+PSAld2nhJh/' +
  'LVmFsS+60WyvXkQ1AE1gCk95TUR3XFeibg/u/tVY6a//1q0NWC1X+yui3O24wpsGGBsKAAAALAWCY4d/4wKbDCIhBssYbE8GCaaX5NUt+mxyKwwfHifBilZwj2Ul7Ce6' +
  '2azJAAAAAAQBIKbpGG2dWTX8j+VjFM21J0hqWlEg+bdiojWnKfA5AQpWUWtnNwDEM0g12vYxoWM8Y81W+bHBw805I8kWVkXU6vFOi+HWvv/ira7ofJu16NnoUkhclkUr' +
  'k0mXubZvyl4GBg=='
const toThatKey =
  'wV0GIQYSyD8ecG9jCP4VGkF3Q6HwM3kOk+mXhIjR2zeNqZMIhRmHzxjV8bU/gXzOWgBM85PMiVi93AZfJfhK9QmxfdNnZBjeo1VDeVZheQHgaVf7yopqR6W1FT6NOrfS' +
  'aQIHAgZhZBZTW+CwcW1g4FKlbExAf56zaw76/prQoN+bAzxpohup69LA7JW/Vp0lyZnuSj3hcFj0DfqLTGgr4/u717J+sPWbtQBfgMfG9AOIwwrUBqsFE9zW+f1zdlYo' +
  'bhF30A+IitsxxA=='

test('the sample of RFC 9580, appendix A.8: to a key of version 6', async () => {
  const [secret, message] = [secretKey, toThatKey].map((base64) => new Uint8Array(Buffer.from(base64, 'base64')))
  const { data } = await engine.decrypt({ message: message!, secrets: [secret!], verifyWith: [], now })
  assert.equal(text(data), 'Hello, world!')
})
