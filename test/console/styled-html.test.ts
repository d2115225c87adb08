import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { styledHtml } from '../../console/src/rooms/mail/styled-html.ts'
import { cleanHtml, htmlBudget } from '../../src/lib/mime/view-html.ts'

const shown = (html: string) => styledHtml(cleanHtml(html, () => null, htmlBudget()).html)

describe('the look of a mail as a sheet of its own', () => {
  it('has each look once, and the tags without style attributes', () => {
    const { html, css } = shown('<p style="color: red">a</p><td nowrap style="color:red" width="3">b</td>')
    assert.equal(html, '<p data-look="0">a</p><td width="3" nowrap data-look="0">b</td>')
    assert.equal(css, '[data-look="0"]{color:red}')
  })

  it('takes what stands in an attribute for no attribute', () => {
    const hostile = '<a href="https://a.example/" lang="x style=" title=" href=https://b.example/ target=_self ">c</a>'
    const clean = cleanHtml(hostile, () => null, htmlBudget()).html
    assert.deepEqual(styledHtml(clean), { html: clean, css: '' })
  })

  it('leaves out what could end a rule, however it is written', () => {
    for (const style of ['color:red}*{x', 'color:red&#125;*&#x7b;x', 'a:b/*', '@import x', '\\7d', 'a&lt;b', 'a&gt;b'])
      assert.deepEqual(styledHtml(`<p style="${style}">a</p>`), { html: '<p>a</p>', css: '' })
  })
})
