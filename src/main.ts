import { enableCompileCache } from 'node:module'

// Kept machine code of our own modules: a later start need not compile them again. Hence the import behind it.
enableCompileCache()
const { environment } = await import('./environment.ts')
const { serve } = await import('./serve.ts')
await serve(environment())
