import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type House, startHouse } from '../src/testing.ts'
import { handOver, mailFrom } from './gateway-client.ts'
import { openNextHop, until } from './next-hop.ts'

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url))
const data = mkdtempSync(join(tmpdir(), 'chatelaine-verb-'))
const mistyped = join(data, 'mistyped')
let house: House
before(async () => {
  house = await startHouse({ engine: 'sqlite', at: Date.now() })
})
after(async () => {
  await house.stop()
  rmSync(data, { recursive: true, force: true })
})

/** Runs `chatelaine gateway`. */
function gateway(settings: Record<string, string>, ...words: string[]) {
  const { PATH, HOME } = process.env
  const env = { PATH, HOME, CHATELAINE_DATA: house.ctx.config.data, CHATELAINE_OPENPGP_WIDTH: '1', ...settings }
  const child = spawn(process.execPath, [cli, ...(words.length > 0 ? words : ['gateway'])], {
    env,
    cwd: data,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { text: '' }
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said.text += chunk))
  return { child, said, ended: once(child, 'exit').then(([code]) => code as number | null) }
}

describe('chatelaine gateway', () => {
  it('does not start where there is nowhere to hand mail on to, and opens nothing', async () => {
    const { said, ended } = gateway({ CHATELAINE_GATEWAY_LISTEN: '127.0.0.1:0', CHATELAINE_DATA: mistyped })
    assert.equal(await ended, 1)
    assert.match(said.text, /nowhere to hand mail on to: name the mail server in CHATELAINE_GATEWAY_NEXT_HOP/)
    assert.doesNotMatch(said.text, /mail\.off/)
    assert.equal(existsSync(mistyped), false)
  })

  it('makes no house where the server never started: the folder may be mistyped', async () => {
    const hop = { CHATELAINE_GATEWAY_NEXT_HOP: 'smtp://127.0.0.1:1' }
    const { said, ended } = gateway({ ...hop, CHATELAINE_DATA: mistyped })
    assert.equal(await ended, 1)
    assert.match(said.text, /there is no chatelaine\.key in .*Start the server once first.*CHATELAINE_DATA/)
    assert.equal(existsSync(mistyped), false)
    // A key file, and an empty database.
    copyFileSync(join(house.ctx.config.data, 'chatelaine.key'), join(data, 'chatelaine.key'))
    writeFileSync(join(data, 'chatelaine.sqlite'), '')
    const empty = gateway({ ...hop, CHATELAINE_DATA: data })
    assert.equal(await empty.ended, 1)
    assert.match(empty.said.text, /the database is empty.*Start the server once first/)
  })

  it('tells how it is called, and takes no other word', async () => {
    const told = [gateway({}, 'gateway', '--help'), gateway({}, 'help', 'gateway')]
    for (const { said, ended } of told) {
      assert.equal(await ended, 0)
      assert.match(said.text, /^chatelaine gateway\n[\s\S]*CHATELAINE_GATEWAY_NEXT_HOP/)
    }
    const wrong = gateway({}, 'gateway', '--port=25')
    assert.equal(await wrong.ended, 2)
    assert.match(wrong.said.text, /"--port=25" is one word too many/)
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
