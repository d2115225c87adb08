import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Config } from './config.ts'
import type { Clock } from './lib/clock.ts'

const DAYS = 825

/** Key and certificate of the HTTP listener by the setting `tls`; null when it is off. */
export async function tlsOf(config: Config, clock: Clock): Promise<{ key: string; cert: string } | null> {
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
