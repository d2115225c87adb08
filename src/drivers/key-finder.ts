/** A source of keys in the world outside. */
export interface KeyFinder {
  /** The certificates it has for an address, binary; none when it has none. Throws when it cannot be asked. */
  byAddress(address: string): Promise<Uint8Array[]>
  /** The certificate with a fingerprint, to learn of revocations; absent where it can only be asked for addresses. */
  byFingerprint?(fingerprint: string): Promise<Uint8Array | null>
}
