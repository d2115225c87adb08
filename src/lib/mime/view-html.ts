import sanitizeHtml from 'sanitize-html'
import { shownPicture } from './view-parts.ts'
import { cleanStyle, isRemoteStyle } from './view-style.ts'
import { linkAttributes } from './view-text.ts'

/** The bytes of the picture that a mail brings under a Content-ID; null for none that may be shown. */
export type PictureById = (id: string) => Uint8Array | null

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
  /** bytes of pictures inside */
  pictures: number
}

export const htmlBudget = (): HtmlBudget => ({
  characters: 4 * 1024 * 1024,
  brackets: 30_000,
  pictures: 6 * 1024 * 1024,
})

const PICTURE_AT_MOST = 2 * 1024 * 1024
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

/** A link that leads to a page or a mailbox; undefined for any other. */
function cleanLink(href: string): string | undefined {
  if (href.length > URL_AT_MOST) return undefined
  try {
    const url = new URL(href.trim())
    return ['http:', 'https:', 'mailto:'].includes(url.protocol) ? url.href : undefined
  } catch {
    return undefined
  }
}

const DATA = /^data:image\/[\w.+-]+;base64,([\w+/=\s]+)$/i

/** The picture that a source names, if it is one, came with the mail, and is no larger than is left. */
function dataUrl(source: string, byId: PictureById, budget: HtmlBudget): string | undefined {
  const [, encoded] = DATA.exec(source.trim()) ?? []
  const [, id] = /^cid:(.{1,500})$/i.exec(source.trim()) ?? []
  const bytes =
    encoded !== undefined ? Buffer.from(encoded, 'base64') : id !== undefined ? byId(percentDecoded(id)) : null
  if (!bytes || bytes.length > Math.min(PICTURE_AT_MOST, budget.pictures)) return undefined
  const type = shownPicture(bytes)
  if (!type) return undefined
  budget.pictures -= bytes.length
  return `data:${type};base64,${Buffer.from(bytes).toString('base64')}`
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** What is left of the text, cut where the budget ends. */
function within(text: string, budget: HtmlBudget): { kept: string; isWhole: boolean } {
  let end = Math.min(text.length, budget.characters)
  for (let at = text.indexOf('<'); at !== -1 && at < end; at = text.indexOf('<', at + 1))
    if (--budget.brackets < 0) end = at
  budget.brackets = Math.max(0, budget.brackets)
  budget.characters -= end
  return { kept: text.slice(0, end), isWhole: end === text.length }
}

/**
 * HTML that a stranger wrote, without all that could act, ask anybody for anything, or look like something outside of it:
 * what comes out stands between the tags of a body.
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
      '*': (tagName, attribs) => ({ tagName, attribs: cleanAttributes(tagName, attribs, byId, budget) }),
    },
  })
  const isImporting = /@import|url\s*\(\s*["']?\s*(https?:|\/\/)/i.test(kept)
  return { html, isRemote: isRemote || isImporting, isWhole }
}

function cleanAttributes(tag: string, given: Attributes, byId: PictureById, budget: HtmlBudget): Attributes {
  const { style, href, src, ...others } = given
  const clean: Attributes = {}
  for (const [name, value] of Object.entries(others)) if (value.length <= 500) clean[name] = value
  const kept = style === undefined ? '' : cleanStyle(style)
  if (kept !== '') clean.style = kept
  if (tag === 'a') {
    delete clean.target
    delete clean.rel
    const link = href === undefined ? undefined : cleanLink(href)
    if (link !== undefined) Object.assign(clean, { href: link, ...linkAttributes })
  }
  const picture = tag === 'img' && src !== undefined ? dataUrl(src, byId, budget) : undefined
  if (picture !== undefined) clean.src = picture
  return clean
}
