import { createServer } from 'node:http'

// The ceiling: a server that answers the same bytes with the same headers to everybody, and does nothing else.
const [, , body = '', headers = '{}'] = process.argv
const bytes = Buffer.from(body)
const fixed = { ...JSON.parse(headers), 'Content-Length': bytes.length }
const server = createServer((_request, response) => {
  response.writeHead(200, fixed)
  response.end(bytes)
}).listen(0, '127.0.0.1', () => {
  console.log(`ready at http://127.0.0.1:${(server.address() as { port: number }).port}`)
})
