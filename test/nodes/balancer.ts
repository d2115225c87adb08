import { type Answer, call } from '../../demo/person.ts'
import type { Node } from './nodes.ts'

type Request = Parameters<typeof call>[1] & object

/** The connection was cut when the request was on its way: nobody knows whether it was done. */
export class Cut extends Error {}

const wasRefused = (error: unknown): boolean =>
  ((error as Error).cause as { code?: string } | undefined)?.code === 'ECONNREFUSED'

/**
 * Sends each request to a node by chance, as a load balancer does: to another one where nobody listens, and also what only
 * reads where the connection was cut.
 */
export function balancer(nodes: readonly Node[]) {
  const seen = { requests: 0, elsewhere: 0, cut: 0, faults: [] as string[] }
  async function anywhere(path: string, request: Request = {}): Promise<Answer> {
    const left = nodes.filter(({ process }) => process)
    for (;;) {
      const node = left.splice(Math.floor(Math.random() * left.length), 1)[0]
      if (!node) throw new Error('no node answers')
      seen.requests++
      try {
        const answer = await call(node.url + path, request)
        if (answer.status >= 500)
          seen.faults.push(`${path.split('?')[0]} at ${node.name}: ${answer.status} ${answer.text}`)
        return answer
      } catch (error) {
        const isAskedAgain = wasRefused(error) || (request.method ?? 'GET') === 'GET'
        seen[isAskedAgain ? 'elsewhere' : 'cut']++
        if (!isAskedAgain) throw new Cut(`${path.split('?')[0]} at ${node.name}`, { cause: error })
      }
    }
  }
  return { anywhere, seen }
}

export type Anywhere = ReturnType<typeof balancer>['anywhere']
