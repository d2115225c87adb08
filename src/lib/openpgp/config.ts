import './curve-keys.ts'
import { enums, config as libraryDefaults, type PartialConfig } from 'openpgp'
import { limits } from './limits.ts'

const { hash } = enums

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
