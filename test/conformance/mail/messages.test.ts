// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the placeholders of templates look like that
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, type Received, startHouse } from '#src/testing.ts'
import { mailOf, type Person, person } from './people.ts'

onEveryEngine('The mails that people get', (engine) => {
  const folder = mkdtempSync(join(tmpdir(), 'chatelaine-templates-'))
  let house: House
  let ada: Person
  before(async () => {
    writeFileSync(join(folder, '2-guesttempl.html'), '<p id="two">${CHANGE} ${ACTION_LINK}</p>')
    writeFileSync(join(folder, '2-guest_password.txt'), 'Subject: Two\n\n${CHALLENGE_CODE}\n')
    house = await startHouse({
      engine,
      settings: {
        CHATELAINE_TEMPLATES: folder,
        CHATELAINE_TEMPLATE_ID: '2',
        CHATELAINE_GUEST_INITIAL_PASSWORD: 'on',
        CHATELAINE_KEY_SERVERS: '',
      },
    })
    ada = await person(house, 'ada')
  })
  after(async () => {
    await house.stop()
    rmSync(folder, { recursive: true })
  })

  const guest = 'gwen@nowhere.invalid'
  const fields = ({ raw }: Received) => raw.slice(0, raw.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ')
  const mailsTo = async (to: string, count: number) => {
    const mails: Received[] = []
    while (mails.length < count) mails.push(await house.inbox.next(to))
    return mails
  }

  it('say of themselves what they are: nobody’s absence is told to us, and an invitation can be refused', async () => {
    const mail = mailOf({ From: `Ada <${ada.email}>`, To: guest, Subject: 'Our secret' }, 'Nobody else reads this\r\n')
    const headers = { 'X-Guest-Greeting': encodeURIComponent('Look at https://evil.example/now') }
    const reply = await ada.post('/mail/send?pin=true', mail, headers)
    assert.equal(reply.status, 200, reply.text)
    const mails = await mailsTo(guest, 2)
    const invitation = mails.find(({ text }) => text.includes('/guest?item='))!
    const password = mails.find((one) => one !== invitation)!

    assert.match(fields(invitation), /^List-Unsubscribe: <https?:\/\/[^>]+\/guest\/unsubscribe\?token=[^>]+>$/m)
    assert.match(fields(invitation), /^List-Unsubscribe-Post: List-Unsubscribe=One-Click$/m)
    assert.doesNotMatch(fields(invitation), /^Auto-Submitted:/m, 'a person writes, and may be answered')
    assert.match(invitation.subject, /^Ada \(ada-.*\) has sent you an encrypted mail$/)
    assert.match(invitation.text, /sender's, and were not encrypted: “Look at https:\/\/evil\.example\/now”/)
    assert.match(invitation.html, /<p id="two">/)

    assert.match(fields(password), /^Auto-Submitted: auto-generated$/m)
    assert.doesNotMatch(fields(password), /^List-Unsubscribe/m)
    assert.equal(password.subject, 'Two')
    for (const { raw } of mails) {
      assert.match(raw, /^(Date|Message-ID): .+\r$/m)
      assert.doesNotMatch(raw, /Our secret|Nobody else reads this/)
    }
  })

  it('name what happened in their subjects, with no name or key of it', async () => {
    const mail = await house.inbox.next(ada.email)
    assert.equal(mail.subject, 'Chatelaine: an encryption key was made')
    assert.match(fields(mail), /^Auto-Submitted: auto-generated$/m)
    assert.match(mail.html, /<html lang="en">[\s\S]*color-scheme/)
  })
})
