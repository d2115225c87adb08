/** HTML without style attributes, and one sheet with what stood in them. */
export interface StyledHtml {
  html: string
  css: string
}

const NAMED: Record<string, string> = { amp: '&', quot: '"', lt: '<', gt: '>', apos: "'" }

const decoded = (text: string): string =>
  text.replace(/&(?:#(\d{1,6})|#x([\da-f]{1,5})|(\w{2,4}));/gi, (whole, decimal, hex, name) =>
    name ? (NAMED[name] ?? whole) : String.fromCodePoint(decimal ? Number(decimal) : Number.parseInt(hex, 16)),
  )

// What could end a declaration, a rule or the sheet; the server lets none of it through.
const FOREIGN = /[{}<>@\\]|\/\*/

// One after the other, so that what stands in one of them is not taken for the next.
const ATTRIBUTE = /\s([^\s="<>]+)="([^"]*)"/g

/**
 * A frame has our policy, which refuses style attributes, and takes a sheet with our nonce. The server answers cleaned
 * HTML, in which no text and no attribute holds a bare `<` or `>`, so that its tags can be told by them. What a mail made
 * of it could get wrong is how it looks: what it may do does not hang on this.
 */
export function styledHtml(cleaned: string): StyledHtml {
  const rules = new Map<string, number>()
  const html = cleaned.replace(/<[a-z][^<>]*>/gi, (tag) =>
    tag.replace(ATTRIBUTE, (whole, name: string, encoded: string) => {
      if (name.toLowerCase() !== 'style') return whole
      const style = decoded(encoded)
      if (FOREIGN.test(style)) return ''
      if (!rules.has(style)) rules.set(style, rules.size)
      return ` data-look="${rules.get(style)}"`
    }),
  )
  return { html, css: [...rules].map(([style, at]) => `[data-look="${at}"]{${style}}`).join('\n') }
}
