import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { signedHeaders } from './sigv4.ts'

// The key and the moment that Amazon's documentation and its Signature Version 4 test suite share.
const key = {
  region: 'us-east-1',
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
}
const clock = { now: () => Date.UTC(2015, 7, 30, 12, 36, 0) }
const form = 'application/x-www-form-urlencoded'

describe('signedHeaders', () => {
  it('signs ListUsers as the IAM documentation does', () => {
    const url = new URL('https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08')
    const headers = { 'Content-Type': `${form}; charset=utf-8` }
    const signed = signedHeaders({ method: 'GET', url, headers, body: '' }, { ...key, service: 'iam' }, clock)
    assert.equal(signed['x-amz-date'], '20150830T123600Z')
    assert.equal(
      signed.authorization,
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, ' +
        'SignedHeaders=content-type;host;x-amz-date, ' +
        'Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
    )
  })

  for (const [name, method, query, headers, body, signature] of [
    ['get-vanilla', 'GET', '', {}, '', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    ['post-vanilla', 'POST', '', {}, '', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
    [
      'post-x-www-form-urlencoded',
      'POST',
      '',
      { 'Content-Type': form },
      'Param1=value1',
      'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    ],
    [
      'get-vanilla-query-order-key-case',
      'GET',
      '?Param2=value2&Param1=value1',
      {},
      '',
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
  ] as const) {
    it(`agrees with ${name} of the published test suite`, () => {
      const url = new URL(`https://example.amazonaws.com/${query}`)
      const signed = signedHeaders(
        { method, url, headers: { ...headers }, body },
        { ...key, service: 'service' },
        clock,
      )
      assert.match(signed.authorization ?? '', new RegExp(`Signature=${signature}$`))
    })
  }
})
