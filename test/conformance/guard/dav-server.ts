import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

const NAMESPACES = 'xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"'
const escaped = (text: string): string => text.replace(/[&<>\r]/g, (mark) => `&#${mark.charCodeAt(0)};`)

export interface DavServer {
  port: number
  /** the cards of people by the path of their address book */
  books: Map<string, Record<string, string>>
  /** method and path of everything that was asked, and who asked */
  asked: string[]
  /** answers everything instead of the server, where it is there; true when it did */
  instead: ((request: IncomingMessage, response: ServerResponse) => boolean) | null
  close(): Promise<void>
}

const multistatus = (response: ServerResponse, responses: string[]): void => {
  response.writeHead(207, { 'Content-Type': 'application/xml; charset=utf-8' })
  response.end(`<?xml version="1.0"?><multistatus ${NAMESPACES}>${responses.join('')}</multistatus>`)
}

const found = (href: string, props: string): string =>
  `<response><href>${escaped(href)}</href><propstat><prop>${props}</prop><status>HTTP/1.1 200 OK</status></propstat></response>`

function answer(books: DavServer['books'], request: IncomingMessage, response: ServerResponse): void {
  const path = request.url!
  const book = books.get(path)
  if (request.method === 'PROPFIND') {
    const below = [...books.keys()].filter((place) => place !== path && place.startsWith(path))
    if (below.length === 0) return void response.writeHead(404).end()
    const type = '<resourcetype><collection/><C:addressbook/></resourcetype>'
    const own = found(path, '<resourcetype><collection/></resourcetype>')
    multistatus(response, [own, ...below.map((place) => found(place, type))])
    return
  }
  if (request.method !== 'REPORT' || !book) return void response.writeHead(405).end()
  multistatus(
    response,
    Object.entries(book).map(([name, card]) =>
      found(`${path}${name}.vcf`, `<getetag>"1"</getetag><C:address-data>${escaped(card)}</C:address-data>`),
    ),
  )
}

/** As much of a CardDAV server (RFC 6352) as can be read from. */
export async function startDavServer(): Promise<DavServer> {
  const books: DavServer['books'] = new Map()
  const asked: string[] = []
  const state: Pick<DavServer, 'instead'> = { instead: null }
  const server = createServer((request, response) => {
    request.resume()
    const [, token = ''] = (request.headers.authorization ?? '').split(' ')
    asked.push(`${request.method} ${request.url} ${Buffer.from(token, 'base64')}`)
    if (!state.instead?.(request, response)) answer(books, request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return Object.assign(state, {
    port,
    books,
    asked,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  })
}
