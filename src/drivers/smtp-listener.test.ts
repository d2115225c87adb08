import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { createTransport } from 'nodemailer'
import { listenForMail } from './smtp-listener.ts'

const recipient = 'keys@example.org'

async function listener(t: TestContext, take: (mail: Buffer) => Promise<void>) {
  const opened = await listenForMail({ at: { host: '127.0.0.1', port: 0 }, recipient, most: 4096, take })
  t.after(() => opened.close())
  const transport = createTransport({ host: '127.0.0.1', port: opened.port })
  return {
    port: opened.port,
    hand: (raw: string, to = recipient) => transport.sendMail({ envelope: { from: 'a@example.com', to }, raw }),
  }
}

describe('the listener for mails to one address', () => {
  it('hands over what comes for that address, in any case, byte for byte', async (t) => {
    const taken: string[] = []
    const { hand } = await listener(t, async (mail) => void taken.push(mail.toString('latin1')))
    await hand('Subject: x\r\n\r\n.dot\r\n\xff\r\n', 'Keys@Example.ORG')
    assert.deepEqual(taken, ['Subject: x\r\n\r\n.dot\r\n\xc3\xbf\r\n'])
  })

  it('takes nothing for others, nothing that is too large, and asks for a second try of what failed', async (t) => {
    let tries = 0
    const { hand } = await listener(t, async () => {
      tries++
      throw new Error('the database password is hunter2')
    })
    await assert.rejects(hand('x', 'other@example.org'), /550 5\.1\.1 No such mailbox/)
    await assert.rejects(hand(`x${'y\r\n'.repeat(4096)}`), /552/)
    assert.equal(tries, 0)
    await assert.rejects(hand('x'), (error: Error) => /451/.test(error.message) && !/hunter2/.test(error.message))
    assert.equal(tries, 1)
  })

  it('offers neither sign-in nor TLS, and survives who goes away in the middle', async (t) => {
    const taken: Buffer[] = []
    const { port, hand } = await listener(t, async (mail) => void taken.push(mail))
    const spoken = await new Promise<string>((resolve) => {
      let heard = ''
      const socket = connect(port, '127.0.0.1')
      socket.on('data', (data) => {
        heard += data
        if (/^220 .*\r\n$/.test(heard)) socket.write('EHLO x\r\n')
        if (!/^250 /m.test(heard)) return
        socket.write(`MAIL FROM:<>\r\nRCPT TO:<${recipient}>\r\nDATA\r\nSubject: half`)
        setTimeout(() => socket.destroy(), 50)
      })
      socket.on('close', () => resolve(heard))
    })
    assert.doesNotMatch(spoken, /AUTH|STARTTLS/)
    assert.match(spoken, /SIZE 4096/)
    await hand('Subject: whole\r\n\r\nx\r\n')
    assert.equal(taken.length, 1)
  })
})
