// Apart from what uses the library: the server's own thread reads these, and need not load that.
export const limits = {
  keyFileBytes: 1024 * 1024,
  userIds: 500,
  userIdBytes: 5000,
  keySignatures: 5000,
  /** Keys in one file; a file of many tiny keys would otherwise buy a signature check per byte. */
  keyPackets: 1000,
  keyNumberBits: { modulus: 16_384, exponent: 64, dsa: 4096, subgroup: 512 },
  /** What may be hashed or filled to open one file with one password: sixteen times RFC 9580's advice for Argon2. */
  derivationMiB: 3072,
  /** Certifications by others that are kept per user id, newest last. */
  foreignCertifications: 64,
  /** Self-signatures, and revocations, that are shown of a key for each user id and subkey. Nobody renews a key so often. */
  ownSignatures: 16,
  /** A larger key is not shown to the world. */
  shownBytes: 256 * 1024,
  /** A key server may have several keys for an address; so many of its answer are looked at. */
  ringsForAddress: 16,
  messageBytes: 96 * 1024 * 1024,
  /** A mail with an attachment of 50 MiB has 68.4 in base64, and is to fit. */
  decompressedBytes: 80 * 1024 * 1024,
  sessionKeyPackets: 1000,
  signatures: 100,
} as const
