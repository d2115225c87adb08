import type { Config } from './config.ts'
import { type Carrier, carrierProcess } from './drivers/carrier.ts'
import type { Log } from './lib/log.ts'

// Shorter than the claim on a message, so that a slow server cannot make two of one.
export const SMTP_STEP = 20_000
// As many connections as a mail server on the same machine is at ease with.
const CARRIER_WIDTH = 8

/** The process that hands whole messages to the next hop; null where the operator named none. */
export function carrierOf(
  { gatewayNextHop, smtpUrl, data, databaseUrl, databasePrepare }: Config,
  log: Log,
): Carrier | null {
  const hop = gatewayNextHop ?? smtpUrl
  if (!hop) return null
  const database = { databaseUrl: databaseUrl ?? null, databasePrepare }
  return carrierProcess({ data, ...database, hop, stepMs: SMTP_STEP, width: CARRIER_WIDTH }, log)
}
