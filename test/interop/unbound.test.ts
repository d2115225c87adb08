import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { daneFinder, daneName } from '#src/drivers/dane.ts'
import { openZone, type SignedZone } from './signed-zone.ts'

const unbound = ['/usr/sbin/unbound', '/usr/local/sbin/unbound'].find((path) => spawnSync(path, ['-V']).status === 0)
const skip = unbound ? false : 'unbound is not installed'

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe('keys in the DNS, with unbound as the judge', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'chatelaine-unbound-'))
  let signed: SignedZone
  let unsigned: SignedZone
  let resolver: ChildProcess
  let port = 0
  before(async () => {
    signed = await openZone('friend.example')
    unsigned = await openZone('unsigned.example')
    port = await freePort()
    const stub = (name: string, zone: SignedZone) =>
      `stub-zone:\n  name: "${name}"\n  stub-addr: 127.0.0.1@${zone.port}\n`
    const config = join(folder, 'unbound.conf')
    const server = [
      ...['server:', `interface: 127.0.0.1`, `port: ${port}`, 'do-daemonize: no', 'username: ""', 'chroot: ""'],
      ...[`directory: "${folder}"`, 'pidfile: ""', 'use-syslog: no', 'do-not-query-localhost: no', 'do-ip6: no'],
      ...['module-config: "validator iterator"', `trust-anchor: "${signed.anchor}"`, 'verbosity: 0'],
    ].join('\n  ')
    const control = 'remote-control:\n  control-enable: no\n'
    writeFileSync(config, `${server}\n${stub('friend.example', signed)}${stub('unsigned.example', unsigned)}${control}`)
    resolver = spawn(unbound!, ['-d', '-c', config], { stdio: 'ignore' })
    for (let tries = 0; tries < 50; tries++) {
      const isUp = await ask('nobody@friend.example').then(
        () => true,
        (error: Error) => /SERVFAIL/.test(error.message),
      )
      if (isUp) return
      await sleep(100)
    }
    throw new Error('unbound does not answer')
  })
  after(() => {
    resolver?.kill()
    signed?.close()
    unsigned?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const ask = (address: string) => daneFinder({ host: '127.0.0.1', port, timeoutMs: 2000 }).byAddress(address)
  const found = async (address: string) => (await ask(address)).map((key) => Buffer.from(key))
  const [small, large] = [Buffer.alloc(400, 1), Buffer.alloc(20_000, 2)]

  it('are found where the zone is signed, however long', async () => {
    signed.records.set(daneName('small@friend.example'), small)
    signed.records.set(daneName('large@friend.example'), large)
    assert.deepEqual(await found('small@friend.example'), [small])
    assert.deepEqual(await found('large@friend.example'), [large])
  })

  it('are none where it is not', async () => {
    unsigned.records.set(daneName('small@unsigned.example'), small)
    assert.deepEqual(await found('small@unsigned.example'), [])
  })

  it('are none where the signature is wrong', async () => {
    signed.isHonest = false
    signed.records.set(daneName('forged@friend.example'), small)
    await assert.rejects(ask('forged@friend.example'), /SERVFAIL/)
  })
})
