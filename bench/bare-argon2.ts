import { hash, verify } from '@node-rs/argon2'

// The ceiling of sign-ins: nothing but the same hash, with all threads of the pool at work.
const [, , memory = '', passes = '', seconds = ''] = process.argv
const options = { algorithm: 2, memoryCost: Number(memory), timeCost: Number(passes), parallelism: 1 }
const stored = await hash('a password', options)
const until = performance.now() + Number(seconds) * 1000
const started = performance.now()
let count = 0
const work = async () => {
  while (performance.now() < until) {
    await verify(stored, 'a password')
    count++
  }
}
await Promise.all(Array.from({ length: 4 }, work))
console.log(count / ((performance.now() - started) / 1000))
