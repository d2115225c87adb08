import { sha256 } from '#src/lib/digests.ts'
import { Html, html } from '#src/lib/html.ts'

const STYLE = `
:root { color-scheme: light dark; --paper: #fffdf9; --ground: #f4efe6; --ink: #2b2620; --soft: #6b6253;
  --line: #cfc2a9; --brand: #7d5a1e; --on-brand: #fffdf9; --wrong: #a3261b; --wrong-ground: #fbeae7; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #24201a; --ground: #191611; --ink: #efe8db; --soft: #b3a893; --line: #514736;
    --brand: #dcb46a; --on-brand: #241a07; --wrong: #ffb4a8; --wrong-ground: #43221d; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; padding: 16px; display: flex; flex-direction: column; align-items: center;
  background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; }
main { width: 100%; max-width: 440px; margin: auto; padding: 28px 24px; background: var(--paper);
  border: 1px solid var(--line); border-radius: 12px; overflow-wrap: anywhere; }
svg { display: block; width: 40px; height: 40px; margin-bottom: 16px; color: var(--brand); }
h1 { margin: 0 0 12px; font-size: 1.4rem; line-height: 1.25; }
p { margin: 0 0 14px; }
a { color: var(--brand); }
label { display: block; margin: 0 0 14px; font-weight: 600; }
input { display: block; width: 100%; margin-top: 4px; padding: 10px 12px; font: inherit; color: inherit;
  background: var(--ground); border: 1px solid var(--line); border-radius: 8px; }
input[readonly] { color: var(--soft); }
button, .button { display: inline-block; width: 100%; padding: 12px 16px; font: inherit; font-weight: 600;
  text-align: center; text-decoration: none; color: var(--on-brand); background: var(--brand); border: 0;
  border-radius: 8px; cursor: pointer; }
:focus-visible { outline: 3px solid var(--brand); outline-offset: 2px; }
.soft { color: var(--soft); font-size: 0.9rem; }
.wrong { padding: 10px 12px; color: var(--wrong); background: var(--wrong-ground); border-radius: 8px; }
`

// Nothing is loaded from anywhere, nothing runs, and nobody frames it; the style is known by its digest.
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${Buffer.from(sha256(STYLE), 'hex').toString('base64')}'`,
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** A key on its ring: the sign of the house. */
const SIGN = new Html(
  '<svg viewBox="0 0 32 32" fill="none" stroke="currentColor" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><circle cx="16" cy="9" r="6"/><path d="M16 15v13M16 27h6M16 22h4"/></svg>',
)

export type Language = 'en' | 'de'

/**
 * Which of our two languages a browser would rather have, by its Accept-Language; where it names neither, that of
 * `locale`, such as `de_CH`, else English.
 */
export function languageOf(headers: Headers, locale = ''): Language {
  const wishes = (headers.get('accept-language') ?? '').split(',').map((wish) => {
    const [range = '', ...parameters] = wish.trim().toLowerCase().split(';')
    const weight = parameters.map((one) => /^\s*q=([\d.]+)\s*$/.exec(one)?.[1]).find((one) => one !== undefined)
    return { language: range.split('-')[0], weight: weight === undefined ? 1 : Number(weight) }
  })
  const weightOf = (language: Language) =>
    Math.max(0, ...wishes.filter((wish) => wish.language === language).map(({ weight }) => weight || 0))
  const [german, english] = [weightOf('de'), weightOf('en')]
  if (german === english && german === 0) return /^de(?![a-z])/i.test(locale) ? 'de' : 'en'
  return german > english ? 'de' : 'en'
}

/** A page for people: one column, no script, the same look everywhere. */
export function page({
  language,
  title,
  content,
}: {
  language: Language
  title: string
  content: Html | readonly Html[]
}): Response {
  const { text } = html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<main>
${SIGN}
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`
  return new Response(text, {
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Language': language,
      'Content-Security-Policy': POLICY,
      'Referrer-Policy': 'no-referrer',
      Vary: 'Accept-Language',
    },
  })
}
