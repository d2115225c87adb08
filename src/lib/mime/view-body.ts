import { textOf } from './message.ts'
import { decodedBody, type Entity } from './multipart.ts'
import { innerParts, partBudget, partName, type ViewPart, viewPartOf } from './view-parts.ts'

/** A piece of what a mail says: as text, as HTML, or both alike. */
export interface BodyPiece {
  text: string | null
  html: string | null
}

export interface FoundBody {
  pieces: BodyPiece[]
  /** all other parts, in their order */
  files: ViewPart[]
  /** there are more parts than were looked at */
  isOver: boolean
}

// Decoding what nobody is shown to its end is for who fetches it.
const READ_AT_MOST = 8 * 1024 * 1024

const bodyText = (part: Entity): string =>
  textOf(
    decodedBody({ ...part, body: part.body.subarray(0, READ_AT_MOST) }),
    part.contentType.parameters.get('charset'),
  )

/** Is it text of the mail itself, and no file? */
function pieceOf(part: ViewPart): BodyPiece | null {
  const { type } = part.contentType
  if (part.disposition.type === 'attachment' || partName(part) !== '') return null
  if (type === 'text/html') return { text: null, html: bodyText(part) }
  return type === '' || type === 'text/plain' ? { text: bodyText(part), html: null } : null
}

/** One of several ways to say the same: the first that is text, and the last and best that is HTML. */
function oneOf(pieces: readonly BodyPiece[]): BodyPiece[] {
  const text = pieces.find((piece) => piece.text !== null)?.text ?? null
  const html = pieces.findLast((piece) => piece.html !== null)?.html ?? null
  return pieces.length === 0 ? [] : [{ text, html }]
}

/** What a mail says, and what comes with it. Depth and number of parts are bounded; the work is linear in its size. */
export function bodyOf(message: Uint8Array): FoundBody {
  const budget = partBudget()
  const files: ViewPart[] = []
  function piecesIn(part: ViewPart, depth: number): BodyPiece[] {
    const inner = innerParts(part, depth, budget)
    if (inner) {
      const pieces = inner.flatMap((one) => piecesIn(one, depth + 1))
      return part.contentType.type === 'multipart/alternative' ? oneOf(pieces) : pieces
    }
    const piece = pieceOf(part)
    if (!piece) files.push(part)
    return piece ? [piece] : []
  }
  const pieces = piecesIn(viewPartOf(message), 0)
  return { pieces, files, isOver: budget.isOver }
}
