/** Where a request comes from, as the rules see it. */
export interface Origin {
  protocol: string
  /** the client's IPv4 address, or the /64 of its IPv6 address */
  network: string
  agent: string
}

/** What is done here and not by a request: by the house itself, by an import, at the start, at the command line, by the
 * gateway. */
export const ownDoing = ['house', 'import', 'start', 'cli', 'gateway'] as const

/** Where that comes from. */
export const ownOrigin = (protocol: (typeof ownDoing)[number]): Origin => ({ protocol, network: 'local', agent: '' })
