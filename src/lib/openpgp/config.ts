import './curve-keys.ts'
import { enums, config as libraryDefaults, type PartialConfig } from 'openpgp'

const { hash } = enums

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

/** What is accepted from the world and made for it. Nothing here may be left to the library's defaults by accident. */
export const strict: PartialConfig = {
  maxDecompressedMessageSize: limits.decompressedBytes,
  // 512 MiB: eight times what RFC 9580 recommends, and what a stranger's key file may make each worker take.
  maxArgon2MemoryExponent: 19,
  rejectHashAlgorithms: new Set([hash.md5, hash.sha1, hash.ripemd]),
  rejectMessageHashAlgorithms: new Set([hash.md5, hash.sha1, hash.ripemd]),
  minRSABits: 2047,
  preferredHashAlgorithm: hash.sha256,
  preferredSymmetricAlgorithm: enums.symmetric.aes256,
  preferredCompressionAlgorithm: enums.compression.uncompressed,
  preferredAEADAlgorithm: enums.aead.gcm,
  showVersion: false,
  showComment: false,
  allowUnauthenticatedMessages: false,
  allowUnauthenticatedStream: false,
  allowInsecureDecryptionWithSigningKeys: false,
  allowInsecureVerificationWithReformattedKeys: false,
  // GnuPG refuses v6 keys and keys locked with AEAD or Argon2.
  v6Keys: false,
  aeadProtect: false,
  s2kType: enums.s2k.iterated,
  s2kIterationCountByte: 224,
  maxUserIDLength: limits.userIdBytes,
  rejectPublicKeyAlgorithms: new Set([enums.publicKey.elgamal, enums.publicKey.dsa]),
  rejectCurves: new Set([enums.curve.secp256k1]),
  allowMissingKeyFlags: false,
  enableParsingV5Entities: false,
  parseAEADEncryptedV4KeysAsLegacy: false,
  additionalAllowedPackets: [],
  knownNotations: [],
  ignoreUnsupportedPackets: true,
  ignoreMalformedPackets: false,
  enforceGrammar: true,
}

const md5Only = new Set([hash.md5, hash.ripemd])

/**
 * SHA-1 self-signatures are good enough to *read about* a key and to open mail with a secret we hold; never to encrypt.
 */
export const allowingSha1: PartialConfig = { ...strict, rejectHashAlgorithms: md5Only }

export const allowingWeak: PartialConfig = {
  ...strict,
  minRSABits: 0,
  rejectPublicKeyAlgorithms: new Set(),
  rejectCurves: new Set(),
}

export const allowingAll: PartialConfig = { ...allowingWeak, rejectHashAlgorithms: new Set() }

/** The methods of key objects want a whole configuration, the functions of the library a partial one. */
export function whole(part: PartialConfig): typeof libraryDefaults {
  return { ...libraryDefaults, ...part }
}
