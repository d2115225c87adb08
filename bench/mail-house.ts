import { monitorEventLoopDelay } from 'node:perf_hooks'
import { startHouse } from '../src/testing.ts'
import { person } from '../test/conformance/mail/people.ts'

/** A server of its own in this process, which tells its parent how long its event loop was held up, and its memory. */
export interface Strain {
  /** milliseconds */
  p99: number
  longest: number
  /** bytes above what was in use before */
  memory: number
}

export interface Ready {
  url: string
  sessid: string
  cookie: string
  email: string
}

const house = await startHouse({
  settings: { CHATELAINE_MAIL_LIMIT: String(60 << 20), CHATELAINE_OPENPGP_WORKERS: '1' },
  at: Date.now(),
})
const ada = await person(house, 'ada')
const { sessid, cookie, email } = ada
const delay = monitorEventLoopDelay({ resolution: 2 })
let [idle, peak] = [0, 0]
const sample = () => {
  peak = Math.max(peak, process.memoryUsage.rss())
}
const sampling = setInterval(sample, 20)

process.on('message', async (wish: 'begin' | 'tell' | 'end') => {
  if (wish === 'begin') {
    globalThis.gc?.()
    idle = peak = process.memoryUsage.rss()
    delay.reset()
    delay.enable()
    process.send?.('begun')
  } else if (wish === 'tell') {
    delay.disable()
    // The timer itself takes two milliseconds, which the histogram counts along.
    process.send?.({ p99: delay.percentile(99) / 1e6, longest: delay.max / 1e6, memory: peak - idle } satisfies Strain)
  } else {
    clearInterval(sampling)
    await house.stop()
    process.disconnect?.()
  }
})
process.send?.({ url: house.url, sessid, cookie, email } satisfies Ready)
