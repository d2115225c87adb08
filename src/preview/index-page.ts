import type { Flaw } from '#src/domain/messages/messages.ts'
import { type Html, html } from '#src/lib/html.ts'
import type { Shown } from './preview.ts'

const widths = [360, 800]

// The frames hold no script and open nothing: what is shown may come from anybody's template.
const frame = (path: string, width: number): Html =>
  html`<iframe sandbox loading="lazy" width="${width}" height="640" src="${path}.html" title="${path}, ${width} pixels wide"></iframe>`

function section({ template, name, language, letter }: Shown): Html {
  const path = `${language}/${name}`
  const mail = template.endsWith('_sms') ? [] : [html` <a href="${path}.eml">.eml</a>`]
  return html`<section id="${language}-${name}">
<h2>${name} <small>${language}${mail}</small></h2>
<p><b>${letter.subject}</b></p>
<div class="row">${letter.html ? widths.map((width) => frame(path, width)) : []}
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
.row { display: flex; gap: 16px; overflow-x: auto; align-items: flex-start; }
iframe { flex: none; border: 1px solid #999; color-scheme: light; }
pre { flex: none; width: 76ch; max-height: 640px; overflow: auto; white-space: pre-wrap; margin: 0; }
.flaws { color: #b3261e; }
</style>
<h1>Mails</h1>
${flawList(flaws)}
<p><label><input type="checkbox" id="dark"> as in the dark</label></p>
<nav><p>${letters.map(({ name, language }) => html`<a href="#${language}-${name}">${name} (${language})</a>`)}</p></nav>
${letters.map(section)}
</html>
`.text
