import type { ProtectedFields } from '../mime/opened-message.ts'
import type { MailPart, MailView, WholeView } from '../mime/view.ts'
import type { OpenPgpReason } from './refusals.ts'

/** `v6`: Curve25519 in the format of RFC 9580. */
export type KeyAlgorithm = 'curve25519' | 'rsa2048' | 'rsa3072' | 'rsa4096' | 'v6'

/** A user id that the key itself vouches for; `revoked` when it took it back since. */
export type UserIdInfo = { text: string; name: string; email: string | null; revoked: boolean }

/** One key packet of a ring, judged at the `now` of the call. Times are epoch milliseconds. */
export type KeyInfo = {
  /** 16 upper-case hex digits. */
  keyId: string
  /** Upper-case hex. */
  fingerprint: string
  created: number
  /** null: never, or no valid self-signature tells. */
  expires: number | null
  revoked: boolean
  expired: boolean
  /** OpenPGP.js name of the public-key algorithm, such as `eddsaLegacy` or `rsaEncryptSign`. */
  algorithm: string
  bits: number | null
  curve: string | null
  /** By key flags (or by algorithm, when the key has no flags); says nothing of expiry. */
  canEncrypt: boolean
  canSign: boolean
  primary: boolean
  hasSecret: boolean
}

export type CertificateInfo = {
  fingerprint: string
  keyId: string
  userIds: UserIdInfo[]
  /** The primary key first. */
  keys: KeyInfo[]
  /** true, or why nobody can encrypt to this certificate now. */
  canEncrypt: true | OpenPgpReason
  /** true, or why this certificate can make no valid signature now. */
  canSign: true | OpenPgpReason
}

export type SignatureStatus = 'valid' | 'invalid' | 'unknown-key' | 'key-expired' | 'key-revoked'

export type SignatureVerdict = {
  /** Id of the (sub)key that claims to have signed, 16 upper-case hex digits. */
  keyId: string
  /** Fingerprint of the primary key of the certificate that holds `keyId`; null when none of those given does. */
  fingerprint: string | null
  created: number | null
  /** A key that expired only after it signed still gives `valid`. */
  status: SignatureStatus
  reason?: string
  /** It would be valid, but says that it was encrypted to others: RFC 9580, section 5.2.3.36. */
  isForOthers?: boolean
}

export type RevocationReason = 'none' | 'superseded' | 'compromised' | 'retired' | 'user-id-invalid'

/** `until`: up to this moment (epoch ms; null: always) `info` stays as it is while the bytes do. */
export type Ring = {
  certificate: Uint8Array
  secret?: Uint8Array
  locked: boolean
  info: CertificateInfo
  until: number | null
}
/** A ring of a file with others that could not be read; its fingerprint where its first packet tells one. */
export type RefusedRing = { fingerprint: string | null; reason: OpenPgpReason }
export type MergedRing = { certificate: Uint8Array; secret?: Uint8Array; info: CertificateInfo }

export type GenerateInput = {
  userIds: { name: string; email: string }[]
  algorithm: KeyAlgorithm
  /** Seconds from `now`; 0 = never expires. */
  validSeconds: number
  now: number
  /** key material of that algorithm that `prepare` made ahead; used once */
  prepared?: Uint8Array
}
export type GeneratedKey = { secret: Uint8Array; certificate: Uint8Array; revocation: string; info: CertificateInfo }

/** A signature of a certificate: over a user id, a picture, a subkey or, when it names none of them, the key itself. */
export type Certification = {
  userId: string | null
  image: boolean
  /** 16 upper-case hex digits. */
  subkeyId: string | null
  issuerKeyId: string
  created: number | null
  expires: number | null
  /**
   * Signature type octet of RFC 9580, section 5.2.1: 0x10 to 0x13 certify, 0x18 binds a subkey, 0x1f is over the key,
   * 0x20 revokes the key, 0x28 a subkey, 0x30 a user id.
   */
  type: number
  /** Made by the certificate itself. */
  own: boolean
  status: 'valid' | 'invalid' | 'unknown-key'
}

/** How a mail is encrypted (`pgp-…`) or merely signed. */
export type MailFormat = 'pgp-mime' | 'pgp-inline' | 'signed' | 'clearsigned'

export type OpenedMail = {
  format: MailFormat
  /** The outer header with what was encrypted or signed, and with nothing else; in parts that follow each other. */
  message: Uint8Array[]
  /** Whether more stood in the mail than that, all of which is left out. */
  hasMore: boolean
  signatures: SignatureVerdict[]
  /** values of the fields Autocrypt-Gossip of what was encrypted */
  gossip: string[]
  /** of its header, what stood inside too; null: nothing, as in most mails */
  protection: ProtectedFields | null
}

/** A whole mail that is to be sealed or signed. */
export type MailContent = {
  message: Uint8Array
  /** Header fields that the message is to have besides its own. */
  fields?: Uint8Array
  /** `mime` unless told. */
  format?: 'mime' | 'inline'
  /** Header protection, RFC 9788; never inline. */
  protect?: boolean
  /** An armored public key to attach; never inline. */
  key?: string | undefined
  now: number
  /** 18 random bytes for the boundaries. */
  chance: Uint8Array
}

/** `length`: of the whole message. `hasChecksum`: whether its armor may have one (RFC 9580, section 6.1). */
export type SealedFile = { extra: Uint8Array; cuts: number[]; length: number; hasChecksum: boolean }

/** `fileName` stands in the message beside the document; no signature covers it. `signatures`: packets, perhaps none;
 * `readers`: fingerprints of the keys that it was tried with. */
export type OpenedFile = { data: Uint8Array; fileName: string; signatures: Uint8Array; readers: string[] }

/** Every operation of the engine: what goes in, what comes out. The pool and the worker are both derived from it. */
export type Operations = {
  generate(input: GenerateInput): Promise<GeneratedKey>
  inspect(input: { bytes: Uint8Array; now: number }): Promise<{ rings: Ring[]; refused: RefusedRing[] }>
  unlock(input: { secret: Uint8Array; password: string }): Promise<Uint8Array>
  exportLocked(input: { secret: Uint8Array; password: string }): Promise<string>
  /** Key material for a later `generate`: what takes long about RSA. */
  prepare(input: { algorithm: KeyAlgorithm; now: number }): Promise<Uint8Array>
  /**
   * New self-signatures: the primary key and every subkey that was not revoked end at `until` (epoch ms; null: never).
   * A key that has expired lives again by it.
   */
  setExpiry(input: { secret: Uint8Array; until: number | null; now: number }): Promise<MergedRing>
  /** A new subkey to encrypt to, of the kind of the old one; with `retire` the older ones are revoked as superseded. */
  rotateSubkey(input: { secret: Uint8Array; until: number | null; retire: boolean; now: number }): Promise<MergedRing>
  /** Joins an armored revocation certificate with its key. Refuses `key.mismatch` when it is none of this key. */
  applyRevocation(input: { certificate: Uint8Array; revocation: string; now: number }): Promise<MergedRing>
  /**
   * What may be shown to the world: of the user ids only those with one of `addresses`, no pictures, no certifications
   * by others. null when no user id is left. One that was revoked keeps its revocation, always.
   */
  publishable(input: { certificate: Uint8Array; addresses: string[]; now: number }): Promise<Uint8Array | null>
  /** What in a file of keys speaks for one of `addresses`, as `publishable` would show it, with what is said of it. */
  forAddress(input: {
    bytes: Uint8Array
    addresses: string[]
    now: number
  }): Promise<Pick<Ring, 'certificate' | 'info' | 'until'>[]>
  /** The least that an Autocrypt header may carry (1.1, section 2.1.1): primary key, one user id, one subkey. */
  minimal(input: { certificate: Uint8Array; address: string; now: number }): Promise<Uint8Array | null>
  /** Pictures in user attributes: JPEG, in the order of the packets. */
  pictures(input: { certificate: Uint8Array }): Promise<Uint8Array[]>
  /** Bytes under a password, armored: an Autocrypt setup message, a backup. */
  encryptWithPassword(input: { data: Uint8Array; password: string; now: number }): Promise<string>
  /** Refuses `password.wrong`, `message.unreadable`, `message.tampered`, `message.too-large`. */
  decryptWithPassword(input: { message: Uint8Array; password: string; now: number }): Promise<Uint8Array>
  merge(input: { certificate: Uint8Array; other: Uint8Array; now: number }): Promise<MergedRing>
  addUserId(input: { secret: Uint8Array; name: string; email: string; now: number }): Promise<MergedRing>
  revoke(input: { secret: Uint8Array; keyId?: string; reason: RevocationReason; now: number }): Promise<MergedRing>
  certifications(input: { certificate: Uint8Array; verifyWith: Uint8Array[]; now: number }): Promise<Certification[]>
  encrypt(input: {
    data: Uint8Array
    recipients: Uint8Array[]
    /** Further recipients, whose key ids the message does not tell. */
    hidden?: Uint8Array[]
    signWith?: Uint8Array
    now: number
    armor?: true
  }): Promise<string>
  decrypt(input: {
    message: Uint8Array
    secrets: Uint8Array[]
    verifyWith: Uint8Array[]
    now: number
    /** bytes of the largest document that is wanted; absent: whatever the engine opens */
    most?: number
  }): Promise<{
    data: Uint8Array
    signatures: SignatureVerdict[]
    recipients: string[]
    /** fingerprints of the keys that it was tried with */
    readers: string[]
  }>
  /**
   * As `encrypt`, binary, with the name of the file inside. A file in shared memory is written over: its ciphertext
   * takes its place, `cuts` tell how that and `extra` make up the message (`partsOf`); any other comes whole in
   * `extra`.
   */
  sealFile(input: {
    data: Uint8Array
    /** at most 255 bytes of UTF-8 */
    fileName?: string
    recipients: Uint8Array[]
    signWith?: Uint8Array | undefined
    now: number
  }): Promise<SealedFile>
  /** As `decrypt`, but a message in shared memory is written over, and its signatures are only handed out. */
  openFile(input: { message: Uint8Array; secrets: Uint8Array[]; now: number }): Promise<OpenedFile>
  signDetached(input: {
    data: Uint8Array
    signWith: Uint8Array
    now: number
  }): Promise<{ signature: string; hash: string }>
  verifyDetached(input: {
    data: Uint8Array
    signature: Uint8Array
    verifyWith: Uint8Array[]
    now: number
    /**
     * Fingerprints of the keys at hand that the data was encrypted to; none when it was not. A signature that says it
     * is for others is invalid then. Left out: nobody asks.
     */
    readers?: readonly string[]
  }): Promise<SignatureVerdict[]>
  verifyCleartext(input: {
    message: Uint8Array
    verifyWith: Uint8Array[]
    now: number
    readers?: readonly string[]
  }): Promise<{ text: string; signed: Uint8Array; signatures: SignatureVerdict[] }>
  sealMail(
    input: MailContent & {
      recipients: Uint8Array[]
      hidden: Uint8Array[]
      /** The field Bcc stays, inside, where the header is protected. */
      keepsBlind?: boolean
      signWith?: Uint8Array | undefined
    },
  ): Promise<Uint8Array>
  signMail(input: MailContent & { signWith: Uint8Array }): Promise<Uint8Array>
  formatOfMail(input: { message: Uint8Array }): Promise<MailFormat | null>
  openMail(input: {
    message: Uint8Array
    secrets: Uint8Array[]
    verifyWith: Uint8Array[]
    now: number
    /** as for `decrypt` */
    most?: number
    /** Which From is shown when that inside has other addresses; `outer` unless told. */
    from?: 'inner' | 'outer'
  }): Promise<OpenedMail>
  /** What people are shown of a readable mail: no cryptography, but as much work, and as hostile. */
  viewMail(input: { message: Uint8Array }): Promise<MailView>
  /** The same, with its attachments. */
  wholeViewOfMail(input: { message: Uint8Array }): Promise<WholeView>
  /** One part of those that `viewMail` numbers; null where there is none. */
  partOfMail(input: { message: Uint8Array; index: number }): Promise<MailPart | null>
}

export type OperationName = keyof Operations
