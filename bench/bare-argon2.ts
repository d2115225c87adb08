import { hash, verify } from '@node-rs/argon2'

// The ceiling of sign-ins: nothing but the same hash, `width` of them at once.
const [, , memory = '', passes = '', seconds = '', width = ''] = process.argv
const options = { algorithm: 2, memoryCost: Number(memory), timeCost: Number(passes), parallelism: 1 }
const stored = await hash('a password', options)
const before = process.cpuUsage()
const started = performance.now()
const until = started + Number(seconds) * 1000
let count = 0
const work = async () => {
  while (performance.now() < until) {
    await verify(stored, 'a password')
    count++
  }
}
await Promise.all(Array.from({ length: Number(width) }, work))
const { user, system } = process.cpuUsage(before)
const perSecond = count / ((performance.now() - started) / 1000)
console.log(JSON.stringify({ perSecond, each: (user + system) / 1000 / count }))
