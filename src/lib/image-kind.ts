import { imageSize } from 'image-size'
import { gifHead, type Head, jpegHead, pngHead, svgHead, webpHead } from './image-heads.ts'

export type PictureKind = 'png' | 'jpeg' | 'gif' | 'webp' | 'svg'

export interface Picture {
  kind: PictureKind
  width: number
  height: number
}

interface Shape {
  opens(latin1: string): boolean
  head(bytes: Uint8Array): Head
  /** what the package calls it */
  type: string
}

const shapes: Record<PictureKind, Shape> = {
  png: { opens: (text) => text.startsWith('\x89PNG\r\n\x1a\n'), head: pngHead, type: 'png' },
  jpeg: { opens: (text) => text.startsWith('\xff\xd8\xff'), head: jpegHead, type: 'jpg' },
  gif: { opens: (text) => /^GIF8[79]a/.test(text), head: gifHead, type: 'gif' },
  webp: { opens: (text) => /^RIFF.{4}WEBPVP8/s.test(text), head: webpHead, type: 'webp' },
  svg: { opens: (text) => /^(\xef\xbb\xbf)?\s*</.test(text), head: svgHead, type: 'svg' },
}

const OPENING = 64

/**
 * What picture these bytes are, and how large it would be on a screen. Its structure tells: nothing is decoded, and
 * neither a name nor a declared type counts. Null for everything else, and for a picture that is cut off.
 */
export function pictureOf(bytes: Uint8Array): Picture | null {
  const opening = Buffer.from(bytes.subarray(0, OPENING)).toString('latin1')
  const [kind, shape] = Object.entries(shapes).find(([, { opens }]) => opens(opening)) ?? []
  const head = shape?.head(bytes)
  if (!shape || !head) return null
  try {
    // A copy of the head alone: the package looks past the end of a view, and searches long texts for a long time.
    const { width, height, type } = imageSize(Uint8Array.from(head))
    const isReal = [width, height].every((side) => Number.isInteger(side) && side > 0)
    return isReal && type === shape.type ? { kind: kind as PictureKind, width, height } : null
  } catch {
    return null
  }
}
