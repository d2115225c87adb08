/** A source of keys in the world outside. What it answers is a stranger's: nothing of it has been read yet. */
export interface KeyFinder {
  /** Files with the keys it has for an address, binary or armored; none when it has none. Throws when it cannot be asked. */
  byAddress(address: string): Promise<Uint8Array[]>
  /** The file with a key, to learn of revocations; absent where it can only be asked for addresses. */
  byFingerprint?(fingerprint: string): Promise<Uint8Array | null>
}
