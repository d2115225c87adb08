import { hostname } from 'node:os'

interface Reach {
  publicUrl?: string | undefined
  tls: string
  listen: { host: string; port: number }
}

const usualPorts = { http: 80, https: 443 }

const isEverywhere = (host: string): boolean => host === '0.0.0.0' || /^[0:]+$/.test(host)

/**
 * How people reach this server, without a slash at the end: what the operator says, else what the listener is set to.
 * Never what a request says of itself: a Host header can be anything, and links in mails are made of this.
 */
export function publicBase({ publicUrl, tls, listen }: Reach): string {
  if (publicUrl) return publicUrl.replace(/\/+$/, '')
  const scheme = tls === 'off' ? 'http' : 'https'
  const name = isEverywhere(listen.host) ? hostname() : listen.host
  const host = name.includes(':') ? `[${name}]` : name
  return `${scheme}://${host}${listen.port === usualPorts[scheme] ? '' : `:${listen.port}`}`
}
