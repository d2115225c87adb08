/** Where a request comes from, as the rules see it. */
export interface Origin {
  protocol: string
  /** the client's IPv4 address, or the /64 of its IPv6 address */
  network: string
  agent: string
}
