import { createMessage, enums, decrypt as open, type PartialConfig, readMessage, encrypt as seal } from 'openpgp'
import { armor, binaryOf } from './armor.ts'
import { strict } from './config.ts'
import { type Derivation, isTooDear } from './derivation.ts'
import { boundedMessage } from './envelope.ts'
import { limits } from './limits.ts'
import { framesOf, tag } from './packets.ts'
import { messageOf, OpenPgpRefusal, refusing } from './refusals.ts'
import type { Operations } from './types.ts'

/** What Autocrypt 1.1, section 4.4.1 asks for, and what every program since RFC 4880 can open. */
const everybodys: PartialConfig = {
  ...strict,
  aeadProtect: false,
  s2kType: enums.s2k.iterated,
  preferredSymmetricAlgorithm: enums.symmetric.aes128,
}

/** More than one password at once is asked for by nobody, and each costs a key derivation to try. */
const mostPasswords = 4

/** AES-128 with integrity protection, the key from `password` by iterated and salted S2K. Refuses `password.wrong` for an empty one. */
export const encryptWithPassword: Operations['encryptWithPassword'] = async ({ data, password, now }) => {
  if (password === '') throw new OpenPgpRefusal('password.wrong', 'empty')
  if (data.length > limits.decompressedBytes) throw new OpenPgpRefusal('message.too-large', `${data.length} bytes`)
  const date = new Date(now)
  const message = await createMessage({ binary: data, date })
  const sealed = await seal({ message, passwords: [password], format: 'binary', date, config: everybodys })
  return armor('MESSAGE', sealed as Uint8Array)
}

/** Opens what a password alone opens, armored or binary. Data without integrity protection is `message.tampered`. */
export const decryptWithPassword: Operations['decryptWithPassword'] = async ({ message, password, now }) => {
  const bytes = binaryOf(message, ['MESSAGE'], 'message.unreadable')
  const { dataTag, hasPassword } = boundedMessage(bytes)
  if (dataTag === tag.unauthenticated) throw new OpenPgpRefusal('message.tampered', 'no integrity protection')
  if (!hasPassword) throw new OpenPgpRefusal('message.unreadable', 'not under a password')
  const frames = framesOf(bytes, limits.sessionKeyPackets) ?? []
  if (frames.filter((frame) => frame.tag === tag.passwordSession).length > mostPasswords) {
    throw new OpenPgpRefusal('message.too-large', 'passwords')
  }
  const parsed = await refusing('message.unreadable', () => readMessage({ binaryMessage: bytes, config: strict }))
  const locks = parsed.packets.filterByTag(tag.passwordSession) as unknown as { s2k: Derivation | null }[]
  if (isTooDear(locks.map(({ s2k }) => s2k))) throw new OpenPgpRefusal('message.too-large', 'key derivation')
  const date = new Date(now)
  const opening = open({ message: parsed, passwords: [password], format: 'binary', date, config: strict })
  const opened = await opening.catch((error: unknown) => {
    throw refusalOf(messageOf(error))
  })
  return opened.data as Uint8Array
}

function refusalOf(message: string): OpenPgpRefusal {
  if (/maximum decompressed|message size|argon2|memory/i.test(message)) {
    return new OpenPgpRefusal('message.too-large', message)
  }
  if (/modification detected|tag mismatch/i.test(message)) return new OpenPgpRefusal('message.tampered', message)
  if (/session key|password|decrypt/i.test(message)) return new OpenPgpRefusal('password.wrong', message)
  return new OpenPgpRefusal('message.unreadable', message)
}
