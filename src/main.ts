import { environment } from './environment.ts'
import { keepCompiled } from './lib/compile-cache.ts'

keepCompiled(environment())
// Hence the import behind it.
const { serve } = await import('./serve.ts')
await serve(environment())
