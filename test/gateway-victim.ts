import { enableCompileCache, flushCompileCache } from 'node:module'

// `chatelaine gateway`, with settings from the command line. It starts often, and never ends in good order.
enableCompileCache()
const { serveGateway } = await import('../src/serve-gateway.ts')
await serveGateway({ ...process.env, ...JSON.parse(process.argv[2]!) })
flushCompileCache()
