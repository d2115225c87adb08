import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { handOver, mailFrom } from './gateway-client.ts'
import { openNextHop, until } from './next-hop.ts'

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url))
const data = mkdtempSync(join(tmpdir(), 'chatelaine-verb-'))
after(() => rmSync(data, { recursive: true, force: true }))

/** Runs `chatelaine gateway`. */
function gateway(settings: Record<string, string>) {
  const { PATH, HOME } = process.env
  const env = { PATH, HOME, CHATELAINE_DATA: data, CHATELAINE_OPENPGP_WIDTH: '1', ...settings }
  const child = spawn(process.execPath, [cli, 'gateway'], { env, cwd: data, stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { text: '' }
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said.text += chunk))
  return { child, said, ended: once(child, 'exit').then(([code]) => code as number | null) }
}

describe('chatelaine gateway', () => {
  it('does not start where there is nowhere to hand mail on to', async () => {
    const { said, ended } = gateway({ CHATELAINE_GATEWAY_LISTEN: '127.0.0.1:0' })
    assert.equal(await ended, 1)
    assert.match(said.text, /nowhere to hand mail on to: name the mail server in CHATELAINE_GATEWAY_NEXT_HOP/)
  })

  it('says in plain words when its port is in use, or the server has the gateway', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    const hop = { CHATELAINE_GATEWAY_NEXT_HOP: 'smtp://127.0.0.1:1' }
    const taken = gateway({ ...hop, CHATELAINE_GATEWAY_LISTEN: `127.0.0.1:${port}` })
    assert.equal(await taken.ended, 1)
    assert.match(taken.said.text, new RegExp(`Port ${port} is in use`))
    other.close()
    const inside = gateway({ ...hop, CHATELAINE_GATEWAY_INSIDE: 'on' })
    assert.equal(await inside.ended, 1)
    assert.match(inside.said.text, /the server itself opens the gateway/)
  })

  it('takes mail, hands it on, and ends in good order', async () => {
    const hop = await openNextHop()
    const { child, said, ended } = gateway({
      CHATELAINE_GATEWAY_NEXT_HOP: hop.url,
      CHATELAINE_GATEWAY_INCOMING_LISTEN: '127.0.0.1:0',
      CHATELAINE_GATEWAY_LISTEN: '127.0.0.1:0',
    })
    const ready = () => /ready at smtp:\/\/127\.0\.0\.1:(\d+) and smtp:\/\/127\.0\.0\.1:\d+/.exec(said.text)
    await until('ready', () => ready() !== null, 30_000)
    const mail = mailFrom('a@here.test', 'b@far.test')
    const { code } = await handOver(Number(ready()![1]), { sender: 'a@here.test', recipients: ['b@far.test'], mail })
    assert.equal(code, 250)
    await hop.has(1)
    child.kill('SIGTERM')
    assert.equal(await ended, 0, said.text)
    await hop.close()
  })
})
