import type { Worker } from 'node:cluster'

const HEARD_WITHIN = 100

interface Internal {
  cmd?: string
  act?: string
  seq?: number
  ack?: number
}

/**
 * Gives connections to others that were on their way to a worker when it died. Node forgets them: their clients would wait
 * for an answer until they lose patience, and those who come back after a worker's death are just those who meet it.
 * What goes between Node's own primary and worker is watched for that: `newconn` has a number, which the worker acknowledges.
 */
export function saveUnaccepted(worker: Worker, areOthersThere: () => boolean): void {
  const underWay = new Set<number>()
  const child = worker.process
  const send = child.send.bind(child) as (...given: unknown[]) => boolean
  child.send = (...given: unknown[]) => {
    const { cmd, act, seq } = given[0] as Internal
    if (cmd === 'NODE_CLUSTER' && act === 'newconn' && seq !== undefined) underWay.add(seq)
    return send(...given)
  }
  child.on('internalMessage', ({ cmd, ack }: Internal) => {
    if (cmd === 'NODE_CLUSTER' && ack !== undefined) underWay.delete(ack)
  })
  let isGone = false
  child.once('disconnect', () => {
    isGone = true
    // By being called accepted, what nobody else can take is closed.
    for (const ack of underWay)
      child.emit('internalMessage', { cmd: 'NODE_CLUSTER', ack, accepted: !areOthersThere() }, undefined)
    underWay.clear()
  })
  // Node waits with its `disconnect` until the worker has what was on its way: a dead one never has. What such a one had
  // still said is heard meanwhile.
  child.once('exit', () => {
    setTimeout(() => isGone || child.emit('disconnect'), HEARD_WITHIN)
  })
}
