import type { Flaw } from '#src/domain/messages/messages.ts'
import { type Html, html } from '#src/lib/html.ts'
import type { Shown } from './preview.ts'

const widths = [360, 800]

/**
 * Pixels that a mail will need, by its text: a page without scripts cannot look into its frames. Rather too many than too
 * few; a frame can be drawn larger.
 */
function heightOf(text: string, width: number): number {
  const letters = width < 500 ? 34 : 64
  const lines = text.split('\n').map((line) => Math.max(1, Math.ceil(line.length / letters)))
  return 240 + 24 * lines.reduce((sum, count) => sum + count, 0)
}

// The frames hold no script and open nothing: what is shown may come from anybody's template.
const frame = (path: string, text: string, width: number): Html =>
  html`<iframe sandbox loading="lazy" width="${width}" height="${heightOf(text, width)}" src="${path}.html" title="${path}, ${width} pixels wide"></iframe>`

function section({ template, name, language, letter }: Shown): Html {
  const path = `${language}/${name}`
  const mail = template.endsWith('_sms') ? [] : [html` <a href="${path}.eml">.eml</a>`]
  return html`<section id="${language}-${name}">
<h2>${name} <small>${language}${mail}</small></h2>
<p><b>${letter.subject}</b></p>
<div class="row">${letter.html ? widths.map((width) => frame(path, letter.text, width)) : []}
<pre lang="${language}">${letter.text}</pre></div>
</section>`
}

const flawList = (flaws: readonly Flaw[]): Html =>
  flaws.length === 0
    ? html`<p>Nothing is wrong with these templates.</p>`
    : html`<ul class="flaws">${flaws.map(({ file, problem }) => html`<li><code>${file}</code> ${problem}</li>`)}</ul>`

/** A page that shows mails side by side, at the width of a telephone and of a desktop, and as text. */
export const indexPage = (letters: readonly Shown[], flaws: readonly Flaw[]): string =>
  html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Mails</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 16px; color-scheme: light; }
body:has(#dark:checked), body:has(#dark:checked) iframe { color-scheme: dark; background: #191613; }
body:has(#dark:checked) { color: #efe8dc; }
.row { display: flex; flex-wrap: wrap; gap: 16px; align-items: flex-start; }
iframe { flex: none; max-width: 100%; border: 1px solid #999; color-scheme: light; resize: vertical; }
pre { flex: 1 1 76ch; max-width: 76ch; white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; }
.flaws { color: #b3261e; }
</style>
<h1>Mails</h1>
${flawList(flaws)}
<p><label><input type="checkbox" id="dark"> as in the dark</label></p>
<nav><p>${letters.map(({ name, language }) => html`<a href="#${language}-${name}">${name} (${language})</a>`)}</p></nav>
${letters.map(section)}
</html>
`.text
