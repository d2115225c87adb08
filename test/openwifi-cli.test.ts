import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Inbox, openInbox } from '#src/testing.ts'
import { type ServerProcess, startProcess } from '../demo/server-process.ts'

const run = promisify(execFile)
const script = fileURLToPath(new URL('openwifi-cli.sh', import.meta.url))

const lacking = ['bash', 'curl', 'jq'].filter((tool) => spawnSync(tool, ['--version']).status !== 0)
const skip = lacking.length > 0 ? `this machine has no ${lacking.join(' and no ')}` : false

const WAIT = 10_000
const FIRST = 'First-Password-1'
const SECOND = 'Second-Password-2'

describe('the OpenWiFi service from a shell', { skip }, () => {
  let folder: string
  let inbox: Inbox
  let server: ServerProcess
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'chatelaine-cli-'))
    inbox = await openInbox()
    server = await startProcess({
      CHATELAINE_LISTEN: '127.0.0.1:0',
      CHATELAINE_DATA: join(folder, 'data'),
      CHATELAINE_TLS: 'self-signed',
      CHATELAINE_SMTP_URL: inbox.url,
      CHATELAINE_ROOT_EMAIL: 'root@example.org',
      CHATELAINE_ROOT_PASSWORD: FIRST,
    })
  })
  after(async () => {
    await server.end('SIGTERM')
    await inbox.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const walk = (more: Record<string, string | undefined> = {}) =>
    run('bash', [script], {
      env: {
        PATH: process.env.PATH,
        OWSEC: `localhost:${new URL(server.url).port}`,
        OWSEC_USERNAME: 'root@example.org',
        OWSEC_PASSWORD: FIRST,
        OWSEC_NEW_PASSWORD: SECOND,
        CURL_CA_BUNDLE: join(folder, 'data', 'cert.pem'),
        ...more,
      },
    })

  it('can be walked through from the first sign-in to the dead token, and once more', async () => {
    for (const signIn of [/^ok {2}sign in with a change of password$/m, /^ok {2}sign in$/m]) {
      const { stdout } = await walk().catch((error: { stdout?: string; stderr?: string }) => {
        throw new Error(`the walk ended early:\n${error.stdout}${error.stderr}`)
      })
      assert.match(stdout, signIn)
      assert.match(stdout, /^ok {2}the dead token$/m)
      const lines = stdout.trim().split('\n')
      assert.ok(lines.length > 45 && lines.every((line) => line.startsWith('ok  ')), stdout)
    }
  })

  it('sends the mails of the walk', async () => {
    const isThere = (pattern: RegExp) => inbox.received.some(({ raw }) => pattern.test(raw.replace(/=\r\n/g, '')))
    for (const pattern of [/^Subject: A walk\r\n/m, /actionLink\?action(=3D|=)password_reset&/]) {
      for (let waited = 0; waited < WAIT && !isThere(pattern); waited += 50) await setTimeout(50)
      assert.ok(isThere(pattern), String(pattern))
    }
  })

  it('stops at the first step that fails, and shows what came', async () => {
    const wrong = { OWSEC_PASSWORD: 'Wrong-1-wrong', OWSEC_NEW_PASSWORD: 'Wrong-2-wrong' }
    await assert.rejects(walk(wrong), ({ code, stdout }: { code: number; stdout: string }) => {
      assert.equal(code, 1)
      assert.match(stdout, /^NOT ok {2}sign in: wanted status 200$/m)
      assert.match(stdout, /status 403, answer: .*"ErrorCode":2/)
      return true
    })
  })

  it('trusts nobody whose certificate it does not know, and says what is missing', async () => {
    await assert.rejects(walk({ CURL_CA_BUNDLE: undefined }), { code: 1 })
    await assert.rejects(
      walk({ OWSEC_NEW_PASSWORD: undefined }),
      ({ code, stderr }: { code: number; stderr: string }) => {
        assert.deepEqual([code, stderr], [1, 'Set OWSEC_NEW_PASSWORD.\n'])
        return true
      },
    )
  })
})
