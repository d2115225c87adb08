import { authenticator, awaitFreshStep, call } from './person.ts'
import type { PostOffice } from './post-office.ts'
import { expect, type Story } from './story.ts'

/** Whose phone it was, what she has left, and how she signs in and speaks to the server then. */
interface Loss {
  api: string
  address: string
  password: string
  office: PostOffice
  lost: { methodId: string; phone: ReturnType<typeof authenticator> }
  recoveryCode: string
  signIn(): Promise<Record<string, string>>
  /** the headers of her session once it has been given a new cookie */
  renewed(headers: Record<string, string>, answer: { headers: Headers }): Record<string, string>
}

/** Gets past the lost phone with a recovery code, and puts another in its place; the headers of her last session. */
export async function losePhone({ step, say }: Story, loss: Loss): Promise<Record<string, string>> {
  const { api, address, password, office, lost, signIn, renewed } = loss
  const security = `${api}/account/security`
  const secondStep = (headers: Record<string, string>, json: unknown) =>
    call(`${api}/login/2fa`, { method: 'POST', headers, json })

  say('\nA lost phone')
  const inside = await step('Ann’s phone is gone. With her password and a recovery code she is in.', async () => {
    const half = await signIn()
    const answer = await secondStep(half, { recoveryCode: loss.recoveryCode })
    expect(answer.status === 200, `status ${answer.status}`)
    return renewed(half, answer)
  })
  await step('The code is used up: it opens nothing a second time.', async () => {
    const { status } = await secondStep(await signIn(), { recoveryCode: loss.recoveryCode })
    expect(status === 401, `status ${status}`)
  })
  const { json } = await call(`${security}/check`, { method: 'POST', headers: inside, json: { password } })
  const elevated = { ...inside, 'X-Axigen-Security-Token': json.securityToken as string }
  await awaitFreshStep()
  const { methodId, phone } = await step('She pairs a new phone.', async () => {
    const made = await call(`${security}/methods`, { method: 'POST', headers: elevated, json: { method: 'authApp' } })
    const at = `${security}/methods/${made.json.id}`
    const setup = await call(`${at}/qr`, { headers: { ...elevated, Accept: 'application/json' } })
    const phone = authenticator(setup.json.otpauthUri)
    const { status, text } = await call(`${at}/activate`, {
      method: 'POST',
      headers: elevated,
      json: { totpToken: await phone.next() },
    })
    expect(status === 200, text)
    return { methodId: made.json.id as string, phone }
  })
  await step('She removes the lost one, and is told so by mail.', async () => {
    const { status, text } = await call(`${security}/methods/${lost.methodId}`, { method: 'DELETE', headers: elevated })
    expect(status === 200, text)
    await office.collect(address, (raw) => /authenticator app, was removed/.test(raw))
  })
  await step('Whoever finds the old phone gets no further with it, password or not.', async () => {
    const json = { methodId: lost.methodId, totpToken: await lost.phone.next() }
    const { status } = await secondStep(await signIn(), json)
    expect(status === 401, `status ${status}`)
  })
  await step('She has new recovery codes made; the old sheet is waste paper.', async () => {
    const { json } = await call(`${security}/2fa/recoverycodes`, { method: 'POST', headers: elevated })
    expect(json.recoveryCodes.length === 10, 'not ten codes')
  })
  return step('With the new phone she signs in as ever.', async () => {
    const half = await signIn()
    const answer = await secondStep(half, { methodId, totpToken: await phone.next() })
    expect(answer.status === 200, `status ${answer.status}`)
    return renewed(half, answer)
  })
}
