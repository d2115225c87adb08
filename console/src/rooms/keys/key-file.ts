/** What a file seems to be, so that only what is needed is asked for; the server looks for itself. */
export interface KeyFile {
  file: File
  kind: 'private' | 'public' | 'setup'
}

export const LARGEST = 1024 * 1024

export async function readKeyFile(file: File): Promise<KeyFile> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  const text = new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8').decode(bytes)
  if (/^Autocrypt-Setup-Message:/im.test(text)) return { file, kind: 'setup' }
  if (text.includes('PGP PRIVATE KEY BLOCK')) return { file, kind: 'private' }
  if (text.includes('PGP PUBLIC KEY BLOCK')) return { file, kind: 'public' }
  // Without armor: a packet's tag is in its first byte (RFC 9580, section 4.2); 5 and 7 are secret keys.
  const [first = 0] = bytes
  const tag = first & 0x40 ? first & 0x3f : (first & 0x3f) >> 2
  return { file, kind: first & 0x80 && tag === 5 ? 'private' : 'public' }
}
