import sanitizeHtml from 'sanitize-html'
import { shownPicture } from './view-parts.ts'
import { cleanStyle, isRemoteStyle } from './view-style.ts'
import { linkAttributes } from './view-text.ts'

/** A picture that may be shown, as it stands inside HTML. */
export interface InnerPicture {
  bytes: number
  url: string
  /** to be told when it is shown */
  isShown(): void
}

/** What a mail brings under a Content-ID; null for no such picture. */
export type PictureById = (id: string) => InnerPicture | null

export interface CleanHtml {
  html: string
  /** it wanted something from elsewhere, which is left out */
  isRemote: boolean
  isWhole: boolean
}

/** What all HTML of one mail may take together. */
export interface HtmlBudget {
  /** characters of what it brings */
  characters: number
  /** `<` in it. The parser looks through all open elements where one is closed: their square is what it costs. */
  brackets: number
  /** `&` in it, each of which is a step of its own */
  entities: number
  /** bytes of pictures inside */
  pictures: number
}

export const htmlBudget = (): HtmlBudget => ({
  characters: 4 * 1024 * 1024,
  brackets: 30_000,
  entities: 200_000,
  pictures: 6 * 1024 * 1024,
})

const DEEPEST = 200
const URL_AT_MOST = 4000

const allowedTags =
  `a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del dfn
  div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark nav ol p pre q s samp
  section small span strike strong sub sup table tbody td tfoot th thead tr tt u ul var wbr`.split(/\s+/)

// Their content is nothing that people read.
const nonTextTags =
  `script style textarea option select noscript noembed noframes template title object applet audio video
  canvas svg math iframe plaintext xmp`.split(/\s+/)

const measures = ['width', 'height', 'align', 'valign', 'bgcolor']

const allowedAttributes = {
  '*': ['style', 'dir', 'lang', 'title'],
  a: ['href', 'target', 'rel'],
  img: ['src', 'alt', 'width', 'height', 'align'],
  table: [...measures, 'border', 'cellpadding', 'cellspacing'],
  tr: measures,
  td: [...measures, 'colspan', 'rowspan', 'nowrap'],
  th: [...measures, 'colspan', 'rowspan', 'nowrap'],
  col: ['span', 'width'],
  colgroup: ['span', 'width'],
  div: ['align'],
  p: ['align'],
  font: ['color', 'face', 'size'],
  ol: ['start', 'type'],
  ul: ['type'],
  hr: ['width', 'size', 'color'],
}

// Beside style these have a browser ask somebody for something, in one program or another.
const fetching = ['src', 'srcset', 'background', 'poster', 'data', 'lowsrc', 'dynsrc', 'xlink:href']
// And the addresses of these are fetched without anybody following them.
const fetchingLinks = new Set(['link', 'image', 'use', 'feimage'])

type Attributes = Record<string, string>

const isElsewhere = (url: string): boolean => !/^(cid|data):/i.test(url.trim()) && url.trim() !== ''

const isRemoteTag = (tag: string, attributes: Attributes): boolean =>
  fetching.some((name) => attributes[name] !== undefined && isElsewhere(attributes[name])) ||
  (fetchingLinks.has(tag) && isElsewhere(attributes.href ?? '')) ||
  isRemoteStyle(attributes.style ?? '')

/**
 * A link that leads to a page or a mailbox; undefined for any other, and for one with a name before its host, which is
 * there to be taken for the host.
 */
function cleanLink(href: string): string | undefined {
  if (href.length > URL_AT_MOST) return undefined
  try {
    const url = new URL(href.trim())
    const isPlain = url.username === '' && url.password === ''
    return isPlain && ['http:', 'https:', 'mailto:'].includes(url.protocol) ? url.href : undefined
  } catch {
    return undefined
  }
}

const DATA = /^data:image\/[\w.+-]+;base64,([\w+/=\s]+)$/i

// More than pictures inside a text have; one that is larger is a file.
const PICTURE_AT_MOST = 2 * 1024 * 1024

/** Bytes as a picture that may be shown; null for whatever is none. */
export function innerPicture(bytes: Uint8Array, isShown = () => {}): InnerPicture | null {
  const type = bytes.length > PICTURE_AT_MOST ? null : shownPicture(bytes)
  const url = `data:${type};base64,${Buffer.from(bytes).toString('base64')}`
  return type ? { bytes: bytes.length, url, isShown } : null
}

/** The picture that a source names, if it is one, came with the mail, and is no larger than is left. */
function pictureUrl(given: string, byId: PictureById, budget: HtmlBudget): string | undefined {
  const source = given.trim()
  const [, encoded] = DATA.exec(source) ?? []
  const [, id] = /^cid:(.{1,500})$/i.exec(source) ?? []
  const picture =
    encoded === undefined ? id !== undefined && byId(percentDecoded(id)) : innerPicture(Buffer.from(encoded, 'base64'))
  if (!picture || picture.bytes > budget.pictures) return undefined
  budget.pictures -= picture.bytes
  picture.isShown()
  return picture.url
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Where the sign stands for the time that is one too many; the end where it does not. */
function cutAt(text: string, sign: string, most: number): number {
  let at = text.indexOf(sign)
  for (let seen = 0; at !== -1 && seen < most; seen++) at = text.indexOf(sign, at + 1)
  return at === -1 ? text.length : at
}

/** What is left of the text, cut where the budget ends. */
function within(text: string, budget: HtmlBudget): { kept: string; isWhole: boolean } {
  const whole = text.slice(0, budget.characters)
  const kept = whole.slice(0, Math.min(cutAt(whole, '<', budget.brackets), cutAt(whole, '&', budget.entities)))
  budget.characters -= kept.length
  budget.brackets -= kept.split('<').length - 1
  budget.entities -= kept.split('&').length - 1
  return { kept, isWhole: kept.length === text.length }
}

/**
 * HTML that a stranger wrote, without all that could act, ask anybody for anything, or look like something outside of it:
 * what comes out stands between the tags of a body. Of a picture that is left out the words that stand for it remain.
 */
export function cleanHtml(text: string, byId: PictureById, budget: HtmlBudget): CleanHtml {
  const { kept, isWhole } = within(text, budget)
  let isRemote = false
  const html = sanitizeHtml(kept, {
    allowedTags,
    nonTextTags,
    allowedAttributes,
    allowedSchemes: ['http', 'https', 'mailto'],
    allowedSchemesByTag: { img: ['data'] },
    allowProtocolRelative: false,
    disallowedTagsMode: 'discard',
    nestingLimit: DEEPEST,
    // It is read by `cleanStyle`, before.
    parseStyleAttributes: false,
    onOpenTag(tag, attributes) {
      if (isRemoteTag(tag, attributes)) isRemote = true
    },
    transformTags: {
      body: 'div',
      // Before all others, which leave it alone then.
      img(tagName, given) {
        const attribs = cleanAttributes(tagName, given, byId, budget)
        return attribs.src === undefined
          ? { tagName: 'span', attribs: {}, text: attribs.alt ?? '' }
          : { tagName, attribs }
      },
      '*': (tagName, attribs) => ({
        tagName,
        attribs: tagName === 'img' ? attribs : cleanAttributes(tagName, attribs, byId, budget),
      }),
    },
  })
  // In style sheets, too, which are left out whole.
  return { html, isRemote: isRemote || /@import|url\(["'\s]{0,9}(https?:|\/\/)/i.test(kept), isWhole }
}

const plainAttributes = [...new Set(Object.values(allowedAttributes).flat())].filter(
  (name) => !['style', 'href', 'src', 'target', 'rel'].includes(name),
)
const ATTRIBUTE_AT_MOST = 500

/** Looks only for names that it knows: a tag may have a million others. */
function cleanAttributes(tag: string, given: Attributes, byId: PictureById, budget: HtmlBudget): Attributes {
  const clean: Attributes = {}
  for (const name of plainAttributes) {
    const value = given[name]
    if (value !== undefined && value.length <= ATTRIBUTE_AT_MOST) clean[name] = value
  }
  const style = cleanStyle(given.style ?? '')
  if (style !== '') clean.style = style
  const link = tag === 'a' ? cleanLink(given.href ?? '') : undefined
  if (link !== undefined) Object.assign(clean, { href: link, ...linkAttributes })
  const picture = tag === 'img' ? pictureUrl(given.src ?? '', byId, budget) : undefined
  if (picture !== undefined) clean.src = picture
  return clean
}
