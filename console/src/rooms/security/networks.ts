/** What can honestly be said of an address without asking anybody where it is. */
export type Nearness = 'here' | 'local' | 'elsewhere'

const LOOPBACK = /^(127\.|0:0:0:0::\/64$|local$)/
const PRIVATE =
  /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd]|fe80)/i

export function nearnessOf(network: string): Nearness {
  if (LOOPBACK.test(network)) return 'here'
  return PRIVATE.test(network) ? 'local' : 'elsewhere'
}

/** An IPv6 address stands for its whole /64: nobody needs to read how that is written. */
export const shownNetwork = (network: string): string => network.replace(/::\/64$/, '::')
