import { PASSWORD } from './house.ts'
import { median } from './load.ts'
import { type Cost, compare, type Report } from './million.ts'
import { wanderer } from './million-asked.ts'
import type { OpenHouse } from './million-house.ts'
import { emailOf } from './million-rows.ts'

const AT_ONCE = 200

const posted = async (house: OpenHouse, path: string, body: object, token = '') =>
  (
    await fetch(`${house.server.url}/api/v1/oauth2${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...(token ? { Authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify(body),
    })
  ).json() as Promise<{ access_token: string; refresh_token: string }>

/** A pair of tokens is good once: new ones are made before, and not counted. */
function refreshes(house: OpenHouse): () => Promise<Cost> {
  const next = wanderer(house, 0)
  return async () => {
    const pairs = []
    for (let n = 0; n < AT_ONCE; n++)
      pairs.push(await posted(house, '', { userId: emailOf(next()), password: PASSWORD }))
    const latencies: number[] = []
    const before = await house.spent()
    for (const { access_token: access, refresh_token: refreshToken } of pairs) {
      const started = performance.now()
      const { access_token: renewed } = await posted(house, '?grant_type=refresh_token', { refreshToken }, access)
      latencies.push(performance.now() - started)
      if (!renewed) throw new Error('a token was not renewed')
    }
    const after = await house.spent()
    return {
      server: (after.server - before.server) / AT_ONCE,
      database: (after.database - before.database) / AT_ONCE,
      latency: median(latencies),
    }
  }
}

export const benchRefresh = (report: Report, small: OpenHouse, large: OpenHouse): Promise<void> =>
  compare(report, 'tokens renewed', refreshes(small), refreshes(large))
