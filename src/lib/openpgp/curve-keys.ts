import { registerHooks } from 'node:module'

/**
 * For ECDSA on the curves that WebCrypto lacks (Brainpool's, which German offices use, and secp256k1) OpenPGP.js asks
 * for a package of this name that it does not bring along; without it such keys could be neither used nor judged. This
 * module answers in its place.
 */
const ASKED_FOR = 'eckey-utils'

registerHooks({
  resolve(specifier, context, next) {
    return specifier === ASKED_FOR ? { url: import.meta.url, shortCircuit: true } : next(specifier, context)
  },
})

/** Object identifiers as DER, and how many bytes a secret number has: RFC 9580, section 9.2. */
const curves: Record<string, { oid: string; size: number }> = {
  brainpoolP256r1: { oid: '06092b2403030208010107', size: 32 },
  brainpoolP384r1: { oid: '06092b240303020801010b', size: 48 },
  brainpoolP512r1: { oid: '06092b240303020801010d', size: 64 },
  secp256k1: { oid: '06052b8104000a', size: 32 },
}
const ecPublicKey = Buffer.from('06072a8648ce3d0201', 'hex')

type Asked = { curveName: string; publicKey?: Buffer; privateKey?: Buffer }

/** A public key as SPKI (RFC 5480) or a private one as ECPrivateKey (RFC 5915), whichever is asked for. */
export function generateDer({ curveName, publicKey, privateKey }: Asked): { publicKey?: Buffer; privateKey?: Buffer } {
  const curve = curves[curveName]
  if (!curve) throw new Error(`unknown curve ${curveName}`)
  const oid = Buffer.from(curve.oid, 'hex')
  if (privateKey) {
    const padded = Buffer.concat([Buffer.alloc(Math.max(0, curve.size - privateKey.length)), privateKey])
    const version = Buffer.from([2, 1, 1])
    return { privateKey: der(0x30, version, der(0x04, padded), der(0xa0, oid)) }
  }
  const point = publicKey ?? Buffer.alloc(0)
  return { publicKey: der(0x30, der(0x30, ecPublicKey, oid), der(0x03, Buffer.from([0]), point)) }
}

/** One element; none here is longer than a length of one octet behind 0x81 can say. */
function der(type: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const length = content.length < 128 ? [content.length] : [0x81, content.length]
  return Buffer.concat([Buffer.from([type, ...length]), content])
}
