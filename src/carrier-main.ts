import { enableCompileCache } from 'node:module'

// Kept machine code of our own modules, as for the server itself. Hence the import behind it.
enableCompileCache()
const { carry } = await import('./carry.ts')
await carry()
