import { environment } from '../environment.ts'
import { keepCompiled } from '../lib/compile-cache.ts'

keepCompiled(environment())
const { work } = await import('./worker.ts')
await work()
