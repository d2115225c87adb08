import { environment } from '../environment.mjs'
import { keepCompiled } from '../lib/compile-cache.mjs'

keepCompiled(environment())
const { work } = await import('./worker.ts')
await work()
