// What begins a process is no TypeScript: it runs before the compile cache is on, and Node would load its compiler for it,
// which costs the process 16 MB for life.
import { environment } from './environment.mjs'
import { keepCompiled } from './lib/compile-cache.mjs'

keepCompiled(environment())
// Hence the import behind it.
const { serve } = await import('./serve.ts')
await serve(environment())
