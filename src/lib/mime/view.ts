import { decodedBody } from './multipart.ts'
import { type BodyPiece, bodyOf, type FoundBody } from './view-body.ts'
import { type ShownHeader, shownHeader } from './view-header.ts'
import { cleanHtml, htmlBudget, type InnerPicture, innerPicture, type PictureById } from './view-html.ts'
import { decodedLength, partName, partType, type ViewPart } from './view-parts.ts'
import { textAsHtml, textOfHtml } from './view-text.ts'

/** A part of a mail that is not shown inside its text. */
export interface Attachment {
  /** among all parts that are no text of the mail; pictures that stand inside the text leave gaps */
  index: number
  /** as the mail has it; empty for none. Nothing to save under */
  name: string
  type: string
  /** of it when it is decoded */
  bytes: number
}

/** A readable mail as people are shown it. */
export interface MailView {
  header: ShownHeader
  /** UTF-8 */
  text: Uint8Array
  /** UTF-8; what stands between the tags of a body. It does nothing, and asks nobody for anything */
  html: Uint8Array
  /** the mail brought HTML of its own; else it was made of the text */
  isHtml: boolean
  /** the mail wanted something from elsewhere, which is left out */
  isRemoteLeftOut: boolean
  attachments: Attachment[]
  /** false: it has more parts, or more text, than are shown */
  isWhole: boolean
}

/** One part of a mail, decoded. */
export type MailPart = Omit<Attachment, 'index' | 'bytes'> & { data: Uint8Array }

/** A mail as people are shown it, and its attachments, decoded, in their order. */
export interface WholeView {
  view: MailView
  files: Uint8Array[]
}

// More than anybody reads at one go; what is longer can be fetched.
const TEXT_AT_MOST = 2 * 1024 * 1024

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

// Of its encoded form.
const PICTURE_AT_MOST = 3 * 1024 * 1024

/** Hands out pictures by their Content-ID, each worked out once, and takes down which were shown. */
function pictures(files: readonly ViewPart[]): { byId: PictureById; used: Set<number> } {
  const all = new Map(files.flatMap(({ id }, index) => (id === '' ? [] : [[id, index] as const])))
  const used = new Set<number>()
  const known = new Map<string, InnerPicture | null>()
  const made = (id: string): InnerPicture | null => {
    const index = all.get(id)
    const part = index === undefined ? undefined : files[index]
    if (index === undefined || !part || part.body.length > PICTURE_AT_MOST) return null
    return innerPicture(decodedBody(part), () => used.add(index))
  }
  const byId: PictureById = (id) => {
    const picture = known.has(id) ? known.get(id)! : made(id)
    known.set(id, picture)
    return picture
  }
  return { byId, used }
}

interface Shown {
  text: string[]
  html: string[]
  isRemoteLeftOut: boolean
  isWhole: boolean
}

function shownPieces(pieces: readonly BodyPiece[], byId: PictureById): Shown {
  const budget = htmlBudget()
  const shown: Shown = { text: [], html: [], isRemoteLeftOut: false, isWhole: true }
  let left = TEXT_AT_MOST
  for (const { text, html } of pieces) {
    const clean = html === null ? null : cleanHtml(html, byId, budget)
    const plain = text ?? textOfHtml(clean?.html ?? '')
    const kept = plain.slice(0, left)
    left -= kept.length
    shown.text.push(kept)
    shown.html.push(clean?.html ?? textAsHtml(kept))
    shown.isRemoteLeftOut ||= clean?.isRemote ?? false
    shown.isWhole &&= kept.length === plain.length && (clean?.isWhole ?? true)
  }
  return shown
}

function viewOf(message: Uint8Array, { pieces, files, isOver }: FoundBody): MailView {
  const { byId, used } = pictures(files)
  const { text, html, isRemoteLeftOut, isWhole } = shownPieces(pieces, byId)
  const attachments = files.flatMap((part, index) =>
    used.has(index) ? [] : [{ index, name: partName(part), type: partType(part), bytes: decodedLength(part) }],
  )
  return {
    header: shownHeader(message),
    text: utf8(text.join('\n')),
    html: utf8(html.join('<hr />')),
    isHtml: pieces.some((piece) => piece.html !== null),
    isRemoteLeftOut,
    attachments,
    isWhole: isWhole && !isOver,
  }
}

/**
 * What people are shown of a readable mail, however hostile: the depth of its parts, their number, and the length of what
 * is looked at are bounded.
 */
export const viewOfMail = (message: Uint8Array): MailView => viewOf(message, bodyOf(message))

/** The same with what is attached: no part of the mail is in two of them, so together they are no larger than it. */
export function wholeViewOfMail(message: Uint8Array): WholeView {
  const body = bodyOf(message)
  const view = viewOf(message, body)
  return { view, files: view.attachments.map(({ index }) => decodedBody(body.files[index]!)) }
}

/** One part of those that `viewOfMail` numbers; null where there is none. */
export function partOfMail(message: Uint8Array, index: number): MailPart | null {
  const part = bodyOf(message).files[index]
  return part ? { name: partName(part), type: partType(part), data: decodedBody(part) } : null
}
