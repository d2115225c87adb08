import { mkdtempSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type StrangersServer, strangersServer } from '#src/drivers/testing.ts'
import { armor } from '#src/lib/openpgp/armor.ts'
import { engine as openpgp } from '#src/lib/openpgp/engine.ts'
import type { GeneratedKey } from '#src/lib/openpgp/types.ts'
import { wkdName } from '#src/lib/wkd.ts'

/** The world outside: a Web Key Directory for friend.example, and two key servers, all in one process on loopback. */
export interface World {
  server: StrangersServer
  /** paths that were asked for, with the host */
  asked(): string[]
  /** what the directory has for an address; null takes it away */
  wkd(address: string, file: Uint8Array | string | null): void
  /** what the servers have, under an address or a fingerprint */
  vks(name: string, file: Uint8Array | string | null): void
  hkp(name: string, file: Uint8Array | string | null): void
  /** what is answered instead; undefined for the usual */
  instead: ((request: IncomingMessage, response: ServerResponse) => void) | undefined
  /** the settings that lead a house to it */
  settings: Record<string, string>
  close(): Promise<void>
}

const WKD = 'openpgpkey.friend.example'
const VKS = 'vks.example.net'
const HKP = 'hkp.example.net'

export async function openWorld(): Promise<World> {
  const files = new Map<string, Uint8Array | string>()
  const put = (path: string, file: Uint8Array | string | null) =>
    void (file === null ? files.delete(path) : files.set(path, file))
  const server = await strangersServer([WKD, VKS, HKP], (request, response) => {
    if (world.instead) return world.instead(request, response)
    const url = new URL(`https://${request.headers.host}${request.url}`)
    const search = url.searchParams.get('search')
    const path = search ? `${url.host} ${search}` : `${url.host}${decodeURIComponent(url.pathname)}`
    const file = files.get(path)
    if (file === undefined) response.writeHead(404).end()
    else response.writeHead(200, { 'Content-Type': 'application/octet-stream' }).end(file)
  })
  const ca = join(mkdtempSync(join(tmpdir(), 'chatelaine-world-')), 'ca.pem')
  writeFileSync(ca, server.ca)
  const world: World = {
    server,
    asked: () => server.asked.map(({ host, url }) => host + url),
    wkd: (address, file) => put(`${WKD}/.well-known/openpgpkey/friend.example/hu/${wkdName(address)}`, file),
    vks: (name, file) => put(`${VKS}/vks/v1/by-${name.includes('@') ? 'email' : 'fingerprint'}/${name}`, file),
    hkp: (name, file) => put(`${HKP} ${name.includes('@') ? name : `0x${name}`}`, file),
    instead: undefined,
    settings: {
      CHATELAINE_KEY_LOOKUP_INTERNAL: [WKD, VKS, HKP].map((host) => `${host}=127.0.0.1:${server.port}`).join(),
      CHATELAINE_KEY_LOOKUP_CA: ca,
      CHATELAINE_KEY_LOOKUP_TIMEOUT: '1',
    },
    close: () => server.close(),
  }
  return world
}

export const DAY = 86_400

/** A key for an address of a friend. */
export const friendsKey = (
  email: string,
  { now, validSeconds = 0, more = [] }: { now: number; validSeconds?: number; more?: string[] },
): Promise<GeneratedKey> =>
  openpgp.generate({
    userIds: [email, ...more].map((one) => ({ name: 'A Friend', email: one })),
    algorithm: 'curve25519',
    validSeconds,
    now,
  })

export const armored = (certificate: Uint8Array): string => armor('PUBLIC KEY BLOCK', certificate)

export const revoked = async (key: GeneratedKey, now: number): Promise<Uint8Array> =>
  (await openpgp.revoke({ secret: key.secret, reason: 'compromised', now })).certificate
