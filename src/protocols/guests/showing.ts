import { z } from 'zod'
import { openAttachment, openItem } from '#src/domain/guests/guests.ts'
import { dispositionOf, safeName } from '#src/http/disposition.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { piecesOf, streamOf } from '#src/http/pieces.ts'
import { escapedHtml } from '#src/lib/html.ts'
import { readerProof } from './caller.ts'
import { sessionQuery } from './inputs.ts'
import { itemPath } from './items.ts'

/**
 * Whatever got past the cleaning finds no script, no form, no frame and nobody to ask. Popups are what a link in a new
 * window is, and they must get out of the sandbox, or the page behind it would not work.
 */
export const viewHeaders = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy':
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox allow-popups allow-popups-to-escape-sandbox; frame-ancestors 'self'; form-action 'none'; base-uri 'none'",
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
}

const headOf = (title: string): string => `<!doctype html>
<html>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="only light">
<title>${escapedHtml(title)}</title>
<style>
html { background: #fff; color: #1c1c1c; font: 1rem/1.5 system-ui, sans-serif }
body { margin: 0; padding: 1rem; overflow-wrap: break-word }
img, table { max-width: 100% }
img { height: auto }
blockquote { margin: 0 0 0 .5rem; padding-left: .75rem; border-left: 2px solid #bbb }
pre { white-space: pre-wrap }
</style>
<body>
`

function* documentOf(title: string, html: Uint8Array): Generator<Uint8Array> {
  yield Buffer.from(headOf(title))
  yield* piecesOf(html)
  yield Buffer.from('\n</body>\n</html>\n')
}

export const view = endpoint({
  at: 'GET /guest/items/{id}/view',
  what: 'What a mail of a guest says, as a page for a frame: without script, and asking nobody for anything',
  who: 'full or guest',
  in: { path: itemPath, query: z.strictObject(sessionQuery) },
  async does(ctx, { path: { id } }, caller, incoming) {
    const proof = readerProof(caller, incoming)
    const { view } = await openItem(ctx, { signed: caller, id, proof, origin: incoming.origin })
    return new Response(streamOf(documentOf(view.header.subject, view.html)), { headers: viewHeaders })
  },
})

// Whatever a browser or what it opens files with could run is a stream of bytes.
const HARMLESS = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'text/plain', 'text/csv'])

export const attachment = endpoint({
  at: 'GET /guest/items/{id}/attachments/{index}',
  what: 'One attachment of a mail of a guest, as a file',
  who: 'full or guest',
  in: {
    path: z.object({ ...itemPath.shape, index: z.coerce.number().int().min(0).max(100_000) }),
    query: z.strictObject(sessionQuery),
  },
  async does(ctx, { path: { id, index } }, caller, incoming) {
    const opening = { signed: caller, id, proof: readerProof(caller, incoming), origin: incoming.origin }
    const { name, type, data } = await openAttachment(ctx, { ...opening, index })
    const headers = {
      'Content-Type': HARMLESS.has(type) ? type : 'application/octet-stream',
      'Content-Length': String(data.length),
      'Content-Disposition': dispositionOf(safeName(name)),
      'Content-Security-Policy': "default-src 'none'; sandbox",
      'Cross-Origin-Resource-Policy': 'same-origin',
    }
    return new Response(streamOf(piecesOf(data)), { headers })
  },
})
