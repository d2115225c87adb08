import { enums, generateKey, revokeKey, config as rules, SignaturePacket } from 'openpgp'

type Signing = { sign(key: unknown, data: unknown, date: Date, detached: boolean, config: unknown): Promise<void> }

/**
 * A key that vouches for its one user id again and again, each time a second later, as only its owner can; `revoked`: he
 * takes it back in the end. `note`: bytes of chance-like filling in each signature.
 */
export async function bloatedKey(
  email: string,
  { now, times, note = 0, revoked = false }: { now: number; times: number; note?: number; revoked?: boolean },
): Promise<Uint8Array> {
  const begun = new Date(now - 86_400_000)
  const userIDs = [{ name: 'Bloated', email }]
  const { privateKey } = await generateKey({ userIDs, format: 'object', date: begun })
  const [user] = privateKey.users
  const [model] = user!.selfCertifications
  for (let turn = 1; turn <= times; turn++) {
    const signature = new SignaturePacket()
    signature.signatureType = model!.signatureType
    signature.publicKeyAlgorithm = privateKey.keyPacket.algorithm
    signature.hashAlgorithm = enums.hash.sha512
    signature.keyFlags = model!.keyFlags
    signature.features = model!.features
    const value = Buffer.alloc(note, turn)
    if (note > 0) signature.rawNotations = [{ name: 'n@x.test', value, humanReadable: false, critical: false }]
    const data = { userID: user!.userID, key: privateKey.keyPacket }
    const date = new Date(begun.getTime() + 1000 * turn)
    await (signature as unknown as Signing).sign(privateKey.keyPacket, data, date, false, rules)
    user!.selfCertifications.push(signature)
  }
  if (!revoked) return privateKey.toPublic().write()
  const ended = await revokeKey({ key: privateKey, format: 'object', date: new Date(now - 1000) })
  return ended.publicKey.write()
}
