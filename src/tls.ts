import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { createSecureContext, type Server } from 'node:tls'
import type { Config } from './config.ts'
import type { Clock } from './lib/clock.ts'

const DAYS = 825

interface Pair {
  key: string
  cert: string
}

/** Key and certificate of the HTTP listeners by the setting `tls`; null when it is off. */
async function readPair(config: Config, clock: Clock): Promise<Pair | null> {
  if (config.tls === 'off') return null
  const folder = config.tls === 'self-signed' ? config.data : config.tls
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  if (config.tls === 'self-signed' && !(existsSync(keyFile) && existsSync(certFile))) {
    const names = new Set(['localhost', '127.0.0.1', '::1', config.listen.host, hostname()])
    if (config.publicUrl) names.add(new URL(config.publicUrl).hostname)
    const { selfSignedCertificate } = await import('./lib/self-signed.ts')
    const made = await selfSignedCertificate({ names: [...names], now: clock.now(), days: DAYS })
    writeFileSync(keyFile, made.key, { mode: 0o600 })
    writeFileSync(certFile, made.cert)
  }
  for (const file of [keyFile, certFile])
    if (!existsSync(file))
      throw new Error(`CHATELAINE_TLS: ${file} is not there; the folder must hold cert.pem and key.pem`)
  return { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certFile, 'utf8') }
}

/** Key and certificate that listeners show, and that can be exchanged while they listen. */
export interface Identity {
  /** what is shown now; null without TLS */
  readonly shown: Pair | null
  /** Has a listener follow each exchange. */
  follow(server: Server): void
  /** Reads the files again. Throws when they cannot be used, and then shows what it showed before. */
  renew(): Promise<void>
}

export async function identityOf(config: Config, clock: Clock): Promise<Identity> {
  let shown = await readPair(config, clock)
  const followers = new Set<Server>()
  return {
    get shown() {
      return shown
    },
    follow(server) {
      followers.add(server)
    },
    async renew() {
      const next = await readPair(config, clock)
      if (!next) return
      // Throws for what is no certificate and for a key that belongs to another one, before any listener has it.
      createSecureContext(next)
      for (const server of followers) server.setSecureContext(next)
      shown = next
    },
  }
}
