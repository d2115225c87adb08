import { existsSync, globSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { notPlaces, places } from '../console/src/places.ts'
import type { Context } from './context.ts'
import { requestIdOf } from './http/request-id.ts'
import { opaqueId } from './lib/chance.ts'

/** Where `npm run console` puts what it builds. */
export const builtConsole = fileURLToPath(new URL('../console/dist', import.meta.url))

/** Stands in the built page wherever the nonce of a request belongs. */
const NONCE = '__nonce__'
const BASE = '__base__'
const YEAR = 31_536_000

const types: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
}

/** Best first. The build writes each beside the file. */
const encodings = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const

interface File {
  type: string
  /** by content coding; '' for none */
  bytes: Map<string, Buffer>
}

function readFiles(folder: string): Map<string, File> {
  const files = new Map<string, File>()
  for (const name of globSync('console/*', { cwd: folder })) {
    const type = types[extname(name)]
    if (!type) continue
    const path = join(folder, name)
    const bytes = new Map([['', readFileSync(path)]])
    for (const [coding, ending] of encodings)
      if (existsSync(path + ending)) bytes.set(coding, readFileSync(path + ending))
    files.set(`/${name.replaceAll('\\', '/')}`, { type, bytes })
  }
  return files
}

/**
 * Scripts and styles of ours alone; the nonce is for what the component library writes into the page. A mail is shown in
 * a frame whose policy allows less (`protocols/guests/showing.ts`,
 * and `rooms/mail/html-frame.tsx` of the console).
 */
const policyOf = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "frame-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'self'",
    "frame-ancestors 'none'",
  ].join('; ')

const pageHeaders = (nonce: string) => ({
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': policyOf(nonce),
  'Cache-Control': 'no-cache',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  // A link out of a mail carries the id of an item: it is nobody's business where somebody goes from there.
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
})

const isPlace = (path: string): boolean =>
  path === '/' || (places.some((place) => place === path.split('/')[1]) && !notPlaces.includes(path))

type Handler = (message: IncomingMessage, response: ServerResponse) => boolean

/** Does a request accept a content coding (RFC 9110, 12.5.3)? `coding;q=0` says no. */
const accepts = (header: string, coding: string): boolean =>
  header.split(',').some((one) => {
    const [name = '', ...parameters] = one.split(';').map((part) => part.trim().toLowerCase())
    return name === coding && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))
  })

function sendFile(message: IncomingMessage, response: ServerResponse, { type, bytes }: File): void {
  const accepted = String(message.headers['accept-encoding'] ?? '')
  const [coding = ''] = encodings.find(([name]) => bytes.has(name) && accepts(accepted, name)) ?? []
  const content = bytes.get(coding)!
  response.writeHead(200, {
    'Content-Type': type,
    'Content-Length': content.length,
    ...(coding ? { 'Content-Encoding': coding } : {}),
    Vary: 'Accept-Encoding',
    // Their names have a digest of them.
    'Cache-Control': `public, max-age=${YEAR}, immutable`,
    'Cross-Origin-Resource-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
  })
  response.end(message.method === 'HEAD' ? undefined : content)
}

/**
 * Serves the web console at `/` and its places; answers whether a request was for it. The files are read once. Where the
 * console is switched off or was never built, nothing is: the protocols answer then.
 */
export function consoleFiles({ config, clock, log }: Context): Handler {
  if (!config.console) {
    if (config.guests)
      log.warn('guests.no-reader', {
        advice: 'links in mails to guests lead here: they cannot read without the console',
      })
    return () => false
  }
  const index = join(builtConsole, 'index.html')
  if (!existsSync(index)) {
    log.warn('console.unbuilt', { advice: '`npm start` builds the web console; so does `npm run console`' })
    return () => false
  }
  const files = readFiles(builtConsole)
  // What is in front may know us under a folder.
  const base = config.publicUrl ? `${new URL(config.publicUrl).pathname.replace(/\/+$/, '')}/` : '/'
  const page = readFileSync(index, 'utf8').replaceAll(BASE, () => base)
  return (message, response) => {
    if (message.method !== 'GET' && message.method !== 'HEAD') return false
    const path = (message.url ?? '').split('?')[0]!
    const file = files.get(path)
    if (!file && !isPlace(path)) return false
    response.setHeader(
      'X-Request-Id',
      requestIdOf(String(message.headers['x-request-id'] ?? ''), () => opaqueId(clock.chance)),
    )
    if (file) {
      sendFile(message, response, file)
      return true
    }
    const nonce = clock.chance.bytes(16).toString('base64')
    const html = page.replaceAll(NONCE, nonce)
    response.writeHead(200, { ...pageHeaders(nonce), 'Content-Length': Buffer.byteLength(html) })
    response.end(message.method === 'HEAD' ? undefined : html)
    return true
  }
}
