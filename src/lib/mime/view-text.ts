import { escapedHtml } from '../html.ts'

const LINK = /\bhttps?:\/\/[^\s<>"'`\\^{|}]+[^\s<>"'`\\^{|}.,:;!?)\]]/gi
const LINK_AT_MOST = 2000

/** The attributes of every link: the page behind it learns nothing of where it was followed. */
export const linkAttributes = { target: '_blank', rel: 'noopener noreferrer nofollow' } as const

// A name before the host is there to be taken for the host.
const isLink = (url: string): boolean => url.length <= LINK_AT_MOST && !/^https?:\/\/[^/?#]*@/i.test(url)

const linked = (url: string): string =>
  !isLink(url)
    ? escapedHtml(url)
    : `<a href="${escapedHtml(url)}" target="${linkAttributes.target}" rel="${linkAttributes.rel}">${escapedHtml(url)}</a>`

/** Plain text as it stands in a mail, its addresses of pages as links. */
export function textAsHtml(text: string): string {
  let [html, at] = ['', 0]
  for (const found of text.matchAll(LINK)) {
    html += escapedHtml(text.slice(at, found.index)) + linked(found[0])
    at = found.index + found[0].length
  }
  return `<div style="white-space:pre-wrap">${html}${escapedHtml(text.slice(at))}</div>`
}

const LINE_ENDS = /<br \/>|<\/(?:p|div|tr|li|h[1-6]|blockquote|pre|table|dt|dd)>|<hr \/>/g
const signs: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&amp;': '&' }

/** What HTML says that `cleanHtml` has made: there, angle brackets stand around tags only. */
export const textOfHtml = (clean: string): string =>
  clean
    .replace(/[\r\n\t ]+/g, ' ')
    .replace(LINE_ENDS, '\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&(?:lt|gt|quot|amp);/g, (sign) => signs[sign]!)
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
