const PLAIN = new Set(
  `color background-color font-family font-size font-style font-weight font-variant line-height letter-spacing text-align
  text-decoration text-indent text-transform vertical-align white-space word-break overflow-wrap word-wrap direction
  width max-width min-width height max-height min-height padding padding-top padding-right padding-bottom padding-left
  margin margin-top margin-right margin-bottom margin-left border border-top border-right border-bottom border-left
  border-color border-style border-width border-radius border-collapse border-spacing table-layout empty-cells
  caption-side list-style-type display float clear quotes`.split(/\s+/),
)

// Words, numbers, lengths, colours; of functions those that make colours. No escapes, no comments, no url(), no var().
const VALUE = /^(?:[\w\s#%.,'"!+-]|rgba?\([\d\s.,%/]+\)|hsla?\([\d\s.,%/a-z]+\))+$/i
const LONGEST = 4000

/** Would it have a browser ask somebody for something? */
export const isRemoteStyle = (style: string): boolean => /url\((?!["'\s]{0,9}data:)|@import/i.test(style)

/** Of the declarations of a style attribute those that only change how text looks where it stands. */
export function cleanStyle(style: string): string {
  if (style.length > LONGEST) return ''
  const kept = style.split(';').flatMap((declaration) => {
    const colon = declaration.indexOf(':')
    const name = declaration.slice(0, Math.max(0, colon)).trim().toLowerCase()
    const value = declaration.slice(colon + 1).trim()
    // A negative margin lays text over other text.
    const isFit =
      PLAIN.has(name) && value.length <= 200 && VALUE.test(value) && !/(^|\s)-[\d.]|expression|behavio/i.test(value)
    return isFit ? [`${name}:${value}`] : []
  })
  return kept.join(';')
}
