import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { after, before, beforeEach, describe, it } from 'node:test'
import { quoteWithout } from './outcome.ts'
import { signedHeaders } from './sigv4.ts'
import { type SmsSettings, smsTexter, snsPreset, twilioPreset } from './sms.ts'

type Seen = { method: string; url: URL; headers: IncomingMessage['headers']; body: string }

const text = { id: 'msg.1', to: '+4915112345678', text: 'Your code is 987654 & more' }

let server: Server
let base: string
let seen: Seen[] = []
let reply: (response: ServerResponse) => void

before(async () => {
  server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    seen.push({ method: request.method ?? '', url: new URL(request.url ?? '', base), headers: request.headers, body })
    reply(response)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  base = `http://127.0.0.1:${(server.address() as { port: number }).port}`
})
after(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  seen = []
  reply = (response) => response.end('ok')
})

function settings(change: Partial<SmsSettings> = {}): SmsSettings {
  return {
    url: `${base}/send?account=7`,
    method: 'POST',
    contentType: 'formUrlEncoded',
    toParam: 'number',
    bodyParam: 'message',
    fromParam: 'sender',
    from: 'House',
    staticParams: { unicode: '1' },
    auth: { kind: 'none' },
    ...change,
  }
}
const answerWith = (status: number, body = '', headers = {}) => {
  reply = (response) => response.writeHead(status, headers).end(body)
}

describe('smsTexter', () => {
  const expected = { unicode: '1', sender: 'House', number: text.to, message: text.text }

  it('posts a form', async () => {
    assert.deepEqual(await smsTexter(settings()).send(text), { sent: true, response: 'HTTP 200 ok' })
    assert.equal(seen[0]?.method, 'POST')
    assert.match(seen[0]?.headers['content-type'] ?? '', /^application\/x-www-form-urlencoded/)
    assert.deepEqual(Object.fromEntries(new URLSearchParams(seen[0]?.body)), expected)
    assert.equal(seen[0]?.url.search, '?account=7')
    assert.equal(seen[0]?.headers['idempotency-key'], 'msg.1')
  })

  it('posts JSON', async () => {
    await smsTexter(settings({ contentType: 'json' })).send(text)
    assert.equal(seen[0]?.headers['content-type'], 'application/json')
    assert.deepEqual(JSON.parse(seen[0]?.body ?? ''), expected)
  })

  for (const change of [{ method: 'GET', contentType: 'json' }, { contentType: 'none' }] as const) {
    it(`puts everything into the query for ${JSON.stringify(change)}`, async () => {
      await smsTexter(settings(change)).send(text)
      assert.deepEqual(Object.fromEntries(seen[0]?.url.searchParams ?? []), { account: '7', ...expected })
      assert.equal(seen[0]?.body, '')
    })
  }

  it('leaves the sender out when the gateway picks it', async () => {
    await smsTexter(settings({ fromParam: '' })).send(text)
    assert.doesNotMatch(seen[0]?.body ?? '', /House/)
  })

  it('keeps one message out of the next', async () => {
    const texter = smsTexter(settings({ method: 'GET' }))
    await texter.send(text)
    await texter.send({ ...text, to: '+1', text: 'other' })
    assert.deepEqual(seen[1]?.url.searchParams.getAll('message'), ['other'])
  })

  it('signs in with basic and bearer', async () => {
    await smsTexter(settings({ auth: { kind: 'basic', user: 'ann', password: 'ö' } })).send(text)
    await smsTexter(settings({ auth: { kind: 'bearer', token: 'tok' } })).send(text)
    assert.equal(seen[0]?.headers.authorization, `Basic ${Buffer.from('ann:ö').toString('base64')}`)
    assert.equal(seen[1]?.headers.authorization, 'Bearer tok')
  })

  for (const [status, verdict] of [
    [201, 'sent'],
    [204, 'sent'],
    [400, 'permanent'],
    [401, 'permanent'],
    [404, 'permanent'],
    [408, 'temporary'],
    [429, 'temporary'],
    [500, 'temporary'],
    [503, 'temporary'],
  ] as const) {
    it(`calls ${status} ${verdict}`, async () => {
      answerWith(status)
      const outcome = await smsTexter(settings()).send(text)
      assert.equal(outcome.sent ? 'sent' : outcome.permanent ? 'permanent' : 'temporary', verdict)
    })
  }

  it('follows no redirect', async () => {
    answerWith(307, '', { location: '/elsewhere' })
    const outcome = await smsTexter(settings()).send(text)
    assert.deepEqual(outcome, { sent: false, permanent: false, reason: 'HTTP 307' })
    assert.equal(seen.length, 1)
  })

  it('keeps keys, passwords and codes out of what it reports', async () => {
    const auth = { kind: 'basic', user: 'ann', password: 'hunter22' } as const
    const texter = smsTexter(settings({ auth, staticParams: { key: 'k3y/v@lue' }, url: `${base}/?token=inTheUrl` }))
    const basic = Buffer.from('ann:hunter22').toString('base64')
    for (const status of [200, 400]) {
      answerWith(status, `bad: hunter22 ${basic} k3y/v@lue k3y%2fv%40lue inTheUrl "${text.text}" 987654\r\nend`)
      const outcome = await texter.send(text)
      assert.doesNotMatch(JSON.stringify(outcome), /hunter22|v@lue|v%40lue|inTheUrl|987654|\\n/)
      assert.ok(!JSON.stringify(outcome).includes(basic))
      assert.match(JSON.stringify(outcome), /bad: \*\*\*.* end/)
    }
  })

  it('reads no more than the beginning of an endless answer', async () => {
    let ended = false
    reply = (response) => {
      response.writeHead(400)
      const drip = setInterval(() => response.write('x'.repeat(2048)), 5)
      response.on('close', () => {
        ended = true
        clearInterval(drip)
      })
    }
    const outcome = await smsTexter(settings()).send(text)
    assert.equal(!outcome.sent && outcome.permanent, true)
    assert.ok(!outcome.sent && outcome.reason.length < 400)
    for (let i = 0; i < 100 && !ended; i++) await new Promise((resolve) => setTimeout(resolve, 10))
    assert.equal(ended, true)
  })

  it('believes the status when the answer breaks off', async () => {
    reply = (response) => {
      response.writeHead(201, { 'content-length': 100 }).write('queued')
      setTimeout(() => response.destroy(), 20)
    }
    assert.equal((await smsTexter(settings()).send(text)).sent, true)
  })

  it('calls silence and a refused connection temporary', async () => {
    reply = () => {}
    const silent = await smsTexter(settings({ timeoutMs: 100 })).send(text)
    assert.deepEqual(silent, { sent: false, permanent: false, reason: 'The gateway did not answer in time' })

    const gone = createServer().listen(0, '127.0.0.1')
    await once(gone, 'listening')
    const { port } = gone.address() as { port: number }
    await once(gone.close(), 'close')
    const refused = await smsTexter(settings({ url: `http://127.0.0.1:${port}/` })).send(text)
    assert.deepEqual(refused, { sent: false, permanent: false, reason: 'ECONNREFUSED' })
  })

  it('refuses urls that would not work, without repeating them', () => {
    for (const url of ['ftp://hunter22', 'hunter22', 'https://ann:hunter22@example.org/']) {
      assert.throws(
        () => smsTexter(settings({ url })),
        (error: Error) => !error.message.includes('hunter22'),
      )
    }
  })
})

describe('twilioPreset', () => {
  it('posts To, From and Body with basic auth and takes 201', async () => {
    answerWith(201, '{"sid":"SM1"}')
    const preset = { accountSid: 'AC1', authToken: 'secret-token', url: `${base}/twilio` }
    const outcome = await twilioPreset({ ...preset, from: '+15005550006' }).send(text)
    assert.deepEqual(outcome, { sent: true, response: 'HTTP 201 {"sid":"SM1"}' })
    assert.deepEqual(Object.fromEntries(new URLSearchParams(seen[0]?.body)), {
      From: '+15005550006',
      To: text.to,
      Body: text.text,
    })
    assert.equal(seen[0]?.headers.authorization, `Basic ${Buffer.from('AC1:secret-token').toString('base64')}`)

    await twilioPreset({ ...preset, from: `MG${'0'.repeat(32)}` }).send(text)
    assert.equal(new URLSearchParams(seen[1]?.body).get('MessagingServiceSid'), `MG${'0'.repeat(32)}`)
  })
})

describe('snsPreset', () => {
  const preset = { region: 'eu-west-1', accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'very-secret-key' }
  const clock = { now: () => 1_700_000_000_000 }

  it('publishes to a phone number, signed over exactly what arrives', async () => {
    const outcome = await snsPreset({ ...preset, from: 'House', url: `${base}/`, clock }).send(text)
    assert.equal(outcome.sent, true)
    const { url, headers, body } = seen[0] as Seen
    assert.deepEqual(Object.fromEntries(new URLSearchParams(body)), {
      Action: 'Publish',
      Version: '2010-03-31',
      PhoneNumber: text.to,
      Message: text.text,
      'MessageAttributes.entry.1.Name': 'AWS.SNS.SMS.SMSType',
      'MessageAttributes.entry.1.Value.DataType': 'String',
      'MessageAttributes.entry.1.Value.StringValue': 'Transactional',
      'MessageAttributes.entry.2.Name': 'AWS.SNS.SMS.SenderID',
      'MessageAttributes.entry.2.Value.DataType': 'String',
      'MessageAttributes.entry.2.Value.StringValue': 'House',
    })
    const arrived = { method: 'POST', url, headers: { 'content-type': headers['content-type'] ?? '' }, body }
    assert.equal(headers.host, url.host)
    assert.deepEqual(
      { authorization: headers.authorization, 'x-amz-date': headers['x-amz-date'] },
      (({ authorization, 'x-amz-date': date }) => ({ authorization, 'x-amz-date': date }))(
        signedHeaders(arrived, { ...preset, service: 'sns' }, clock),
      ),
    )
  })

  it('tells throttling, which Amazon answers with 400, from a wrong number', async () => {
    const texter = snsPreset({ ...preset, url: base, clock })
    answerWith(400, '<Error><Code>Throttling</Code></Error>')
    const throttled = await texter.send(text)
    answerWith(400, '<Error><Code>InvalidParameter</Code><Message>very-secret-key</Message></Error>')
    const wrong = await texter.send(text)
    assert.deepEqual(
      [throttled, wrong].map((outcome) => !outcome.sent && outcome.permanent),
      [false, true],
    )
    assert.doesNotMatch(JSON.stringify(wrong), /very-secret-key/)
  })
})

describe('quoteWithout', () => {
  it('masks a secret that contains another one as a whole', () => {
    assert.equal(quoteWithout(['abc', 'abcdef', '*'], 'x abcdef abc y'), 'x *** *** y')
  })
  it('bounds the length and leaves no lone surrogate', () => {
    const quote = quoteWithout([], `${'x'.repeat(299)}😀`)
    assert.equal(quote.length, 300)
    assert.ok(quote.isWellFormed())
  })
})
