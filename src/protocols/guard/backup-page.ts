import type { KeyRing } from '#src/domain/keys/keys.ts'
import { sha256 } from '#src/lib/digests.ts'
import { grouped } from '#src/lib/fingerprint.ts'
import { Html, html } from '#src/lib/html.ts'
import { type Language, words } from './backup-words.ts'

const STYLE = `
body { margin: 0 auto; padding: 12mm; max-width: 190mm; color: #000; background: #fff; font: 11pt/1.45 system-ui, sans-serif; }
h1 { margin: 0 0 4mm; font-size: 18pt; } h2 { margin: 8mm 0 2mm; font-size: 13pt; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 1mm 6mm; margin: 6mm 0; }
dt { font-weight: 600; } dd { margin: 0; overflow-wrap: anywhere; }
.fingerprint, pre { font-family: ui-monospace, 'Liberation Mono', monospace; }
.codes { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(80mm, 100%), 1fr)); gap: 8mm; margin: 8mm 0; }
figure { margin: 0; text-align: center; break-inside: avoid; } figure svg { width: 80mm; max-width: 100%; height: auto; }
pre { font-size: 9pt; line-height: 1.3; white-space: pre-wrap; overflow-wrap: anywhere; }
@page { size: A4; margin: 12mm; }
@media screen and (max-width: 600px) { body { padding: 4mm; } dl { grid-template-columns: 1fr; } dd { margin-bottom: 2mm; } }
@media print { body { padding: 0; } h2 { break-after: avoid; } .codes { grid-template-columns: 1fr 1fr; } .codes, .text { break-before: page; } }
`

// Nothing is loaded, nothing runs, nothing is sent, and nobody frames it; the style is known by its digest.
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${Buffer.from(sha256(STYLE), 'hex').toString('base64')}'`,
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

// Small enough for a cheap camera and a bad printer: 85 modules a side.
const BYTES_PER_CODE = 500

/** The armor cut behind ends of lines: put together again, the pieces are the armor. */
export function piecesOf(armor: string): string[] {
  const pieces: string[] = []
  for (const line of armor.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    const last = pieces.at(-1)
    if (last !== undefined && last.length + line.length <= BYTES_PER_CODE) pieces[pieces.length - 1] = last + line
    else pieces.push(line)
  }
  return pieces
}

async function codesOf(pieces: readonly string[], language: Language): Promise<Html[]> {
  const { toString: draw } = await import('qrcode')
  const drawn = pieces.map((piece) => draw(piece, { type: 'svg', errorCorrectionLevel: 'M', margin: 4 }))
  const codes = await Promise.all(drawn)
  return codes.map((svg, index) => {
    const caption = words[language].piece(index + 1, pieces.length)
    return html`<figure>${new Html(svg)}<figcaption>${caption}</figcaption></figure>`
  })
}

const dayAs = (language: Language, time: number): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(time)

/** A page to be printed: the locked secret key as codes and as text, whose it is, and what to do with it. */
export async function backupPage(
  { info }: KeyRing,
  { armor, language }: { armor: string; language: Language },
): Promise<Response> {
  const own = words[language]
  const pieces = piecesOf(armor.replace(/\r\n/g, '\n'))
  const [primary] = info.keys
  const ends = primary?.expires ? dayAs(language, primary.expires) : own.never
  const { text } = html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${own.title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<h1>${own.title}</h1>
<p>${own.what}</p>
<dl>
<dt>${own.owner}</dt><dd>${info.userIds.map((userId) => html`<div>${userId.text}</div>`)}</dd>
<dt>${own.fingerprint}</dt><dd class="fingerprint">${grouped(info.fingerprint)}</dd>
<dt>${own.made}</dt><dd>${dayAs(language, primary?.created ?? 0)}</dd>
<dt>${own.ends}</dt><dd>${ends}</dd>
</dl>
<h2>${own.use}</h2>
<ol>${own.steps(pieces.length).map((step) => html`<li>${step}</li>`)}</ol>
<p>${own.safe}</p>
<section class="codes">${await codesOf(pieces, language)}</section>
<section class="text"><h2>${own.text}</h2>
<pre>${armor}</pre></section>
</body>
</html>
`
  return new Response(text, {
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Language': language,
      'Content-Security-Policy': POLICY,
      'Referrer-Policy': 'no-referrer',
    },
  })
}
