import type { RequestListener } from 'node:http'

/**
 * Answers load balancers on a plain listener of their own: the process is there, nothing more. It does not look at the
 * database: whoever restarts processes by this answer must not do so because the database is down. See /readyz for that.
 */
export const health: RequestListener = ({ method, url }, response) => {
  const isAsked = (method === 'GET' || method === 'HEAD') && url?.split('?')[0] === '/'
  if (isAsked) response.writeHead(200, { 'Content-Type': 'text/html' }).end('process Alive and kicking!')
  else response.writeHead(501).end()
}
