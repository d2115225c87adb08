import { randomBytes } from 'node:crypto'
import QRCode from 'qrcode'
import { ownDatabase } from './database.ts'
import { liveKeyLife } from './key-life.ts'
import { SECRET_LINE, writeLetter } from './letter.ts'
import { losePhone } from './lost-phone.ts'
import { useMailProgram } from './mail-program.ts'
import { authenticator, awaitFreshStep, call, cookieOf } from './person.ts'
import { openPostOffice } from './post-office.ts'
import { startProcess } from './server-process.ts'
import { expect, tellStory } from './story.ts'
import { writeToStranger } from './stranger.ts'

const ROOT = 'root@example.org'
const ANN = 'ann@example.org'
const BEN = 'ben@example.org'
const ANN_PASSWORD = 'Anns-own-Password-7'
const BEN_PASSWORD = 'Bens-own-Password-8'

const password = () => `First-${randomBytes(9).toString('base64url')}-1a`

/** A session of the mailbox protocol: the cookie, and the id that must travel beside it. */
interface Mailbox {
  cookie: string
  id: string
}

/** What is there in the evening, before everybody signs out: for who wants to look around. */
export interface Evening {
  url: string
  office: Awaited<ReturnType<typeof openPostOffice>>
  administrator: { address: string; password: string }
  /** who has a second step, with the headers of a session that has passed it */
  ann: { address: string; password: string; headers: Record<string, string> }
  ben: { address: string; password: string }
}

/**
 * Lives the day of the demonstration on an empty folder; throws when something does not hold. `inTheEvening` is called
 * while the server still runs.
 */
export async function liveDay(folder: string, inTheEvening?: (evening: Evening) => Promise<void>): Promise<void> {
  const story = tellStory()
  const { step, say } = story
  const database = await ownDatabase(process.env.CHATELAINE_DATABASE_URL)
  const office = await openPostOffice()
  const firstPassword = password()
  const mailServerKey = randomBytes(32).toString('base64url')

  say(`\nChatelaine, lived through once (${database.url ? 'PostgreSQL' : 'SQLite'}, empty folder, real SMTP).\n`)
  const server = await step('The operator starts the server.', () =>
    startProcess({
      CHATELAINE_LISTEN: '127.0.0.1:0',
      CHATELAINE_DATA: folder,
      CHATELAINE_DATABASE_URL: database.url,
      CHATELAINE_SMTP_URL: office.url,
      CHATELAINE_MAIL_FROM: 'Chatelaine <no-reply@example.org>',
      CHATELAINE_MAIL_SERVER_KEY: mailServerKey,
      CHATELAINE_ROOT_EMAIL: ROOT,
      CHATELAINE_ROOT_PASSWORD: firstPassword,
    }),
  )
  say(`     ${server.url}, ready after ${Math.round(server.readyAfter)} ms`)
  const api = `${server.url}/api/v1`

  try {
    say('\nThe first administrator')
    const newPassword = password()
    await step('The first administrator signs in and is told to change the password.', async () => {
      const { status, json } = await call(`${api}/oauth2`, {
        method: 'POST',
        json: { userId: ROOT, password: firstPassword },
      })
      expect(status === 403 && json.ErrorCode === 1, `expected 403/1, got ${status}/${json.ErrorCode}`)
    })
    const root = await step('She changes it, and is in.', async () => {
      const { json } = await call(`${api}/oauth2`, {
        method: 'POST',
        json: { userId: ROOT, password: firstPassword, newPassword },
      })
      expect(json.access_token, 'no access token')
      return { Authorization: `Bearer ${json.access_token}` }
    })
    for (const [email, first] of [
      [ANN, ANN_PASSWORD],
      [BEN, BEN_PASSWORD],
    ] as const)
      await step(`She makes an account for ${email}.`, async () => {
        const { status, json } = await call(`${api}/user/0`, {
          method: 'POST',
          headers: root,
          json: { id: '0', email, name: email.split('@')[0], currentPassword: first, userRole: 'subscriber' },
        })
        expect(status === 200 && json.email === email, `status ${status}`)
      })

    say('\nAnn protects her account')
    const signIn = async (): Promise<{ session: Mailbox; step: string | null }> => {
      const answer = await call(`${api}/login/cookie`, {
        method: 'POST',
        json: { username: ANN, password: ANN_PASSWORD },
      })
      expect(answer.status === 200, `sign-in answered ${answer.status}`)
      return {
        session: { cookie: cookieOf(answer), id: answer.json.sessid },
        step: answer.headers.get('x-axigen-2fa'),
      }
    }
    const as = (session: Mailbox, more: Record<string, string> = {}) => ({
      Cookie: session.cookie,
      'X-Axigen-Session': session.id,
      ...more,
    })
    const first = await step('Ann signs in to her mailbox.', signIn)
    const elevated = await step('She types her password once more, to change her security settings.', async () => {
      const { json } = await call(`${api}/account/security/check`, {
        method: 'POST',
        headers: as(first.session),
        json: { password: ANN_PASSWORD },
      })
      expect(json.securityToken, 'no securityToken')
      return as(first.session, { 'X-Axigen-Security-Token': json.securityToken })
    })
    const { methodId, device } = await step('She adds an authenticator and scans its picture:', async () => {
      const { json } = await call(`${api}/account/security/methods`, {
        method: 'POST',
        headers: elevated,
        json: { method: 'authApp' },
      })
      const qr = `${api}/account/security/methods/${json.id}/qr`
      const picture = await call(qr, { headers: elevated })
      expect(picture.text.includes('<svg'), 'no SVG picture')
      const { json: setup } = await call(qr, { headers: { ...elevated, Accept: 'application/json' } })
      return { methodId: json.id as string, device: setup.otpauthUri as string }
    })
    say(await QRCode.toString(device, process.stdout.isTTY ? { type: 'terminal', small: true } : { type: 'utf8' }))
    const phone = authenticator(device)
    await awaitFreshStep()
    await step('She types the code that it shows.', async () => {
      const { status } = await call(`${api}/account/security/methods/${methodId}/activate`, {
        method: 'POST',
        headers: elevated,
        json: { totpToken: await phone.next() },
      })
      expect(status === 200, `status ${status}`)
    })
    const codes = await step('She turns on 2-step verification and gets ten recovery codes.', async () => {
      const { json } = await call(`${api}/account/security/2fa`, {
        method: 'POST',
        headers: elevated,
        json: { methodId, totpToken: await phone.next() },
      })
      expect(json.recoveryCodes.length === 10, 'not ten codes')
      return json.recoveryCodes as string[]
    })
    await step('She is told so by mail.', () =>
      office.collect(ANN, (raw) => /2-step verification was turned on/.test(raw)),
    )
    const again = await step('She signs in again: now the password is not enough.', async () => {
      const result = await signIn()
      expect(result.step === 'required', 'no second step was asked for')
      const { status } = await call(`${api}/account/security/2fa/recoverycodes`, {
        method: 'POST',
        headers: as(result.session),
      })
      expect(status === 403, `half a session was let through: ${status}`)
      return result.session
    })
    const ann = await step('With the next code she is in.', async () => {
      const answer = await call(`${api}/login/2fa`, {
        method: 'POST',
        headers: as(again),
        json: { methodId, totpToken: await phone.next() },
      })
      expect(answer.status === 200, `status ${answer.status}`)
      return { cookie: cookieOf(answer) || again.cookie, id: again.id }
    })
    const token = await step(
      'The OpenWiFi sign-in asks for the same factor; she uses a recovery code there.',
      async () => {
        const challenge = await call(`${api}/oauth2`, {
          method: 'POST',
          json: { userId: ANN, password: ANN_PASSWORD },
        })
        expect(challenge.json.method === 'authenticator' && !challenge.json.access_token, 'no challenge')
        const { json } = await call(`${api}/oauth2?completeMFAChallenge=true`, {
          method: 'POST',
          json: { uuid: challenge.json.uuid, answer: codes[0] },
        })
        expect(json.access_token, 'no access token')
        return json.access_token as string
      },
    )

    const letter = await writeLetter(story, {
      server: server.url,
      office,
      ann: { address: ANN, session: ann.id, headers: as(ann) },
      ben: { address: BEN, password: BEN_PASSWORD },
    })
    await liveKeyLife(story, {
      server: server.url,
      office,
      address: BEN,
      password: BEN_PASSWORD,
      letter,
      line: SECRET_LINE,
    })
    await writeToStranger(story, { api, office, address: ANN, headers: as(ann) })
    const inside = await losePhone(story, {
      api,
      address: ANN,
      password: ANN_PASSWORD,
      office,
      lost: { methodId, phone },
      recoveryCode: codes[1] ?? '',
      signIn: async () => as((await signIn()).session),
      renewed: (headers, answer) => ({ ...headers, Cookie: cookieOf(answer) }),
    })
    await useMailProgram(story, {
      api,
      address: ANN,
      password: ANN_PASSWORD,
      office,
      key: mailServerKey,
      sessionHeaders: inside,
    })

    await inTheEvening?.({
      url: server.url,
      office,
      administrator: { address: ROOT, password: newPassword },
      ann: { address: ANN, password: ANN_PASSWORD, headers: inside },
      ben: { address: BEN, password: BEN_PASSWORD },
    })

    say('\nThe end of the day')
    await step('Ann signs out everywhere.', async () => {
      const { status } = await call(`${api}/logout/everywhere`, { method: 'POST', headers: inside })
      expect(status === 200, `status ${status}`)
    })
    await step('Her old token is refused, and her mailbox session is over.', async () => {
      const old = await call(`${api}/oauth2?me=true`, { headers: { Authorization: `Bearer ${token}` } })
      expect(old.status === 403 && old.json.ErrorCode === 8, `status ${old.status}`)
      const { status } = await call(`${api}/account/security/methods`, { headers: as(ann) })
      expect(status === 401, `status ${status}`)
    })
    await step('The server ends when it is asked to.', async () => {
      const code = await server.end('SIGTERM')
      expect(code === 0, `exit code ${code}`)
    })
    say('\nEvery step held.\n')
  } catch (error) {
    say(`\nThe story broke off. What the server printed last:\n${server.output().slice(-2000)}`)
    throw error
  } finally {
    await server.end('SIGKILL')
    await office.close()
    await database.remove()
  }
}
