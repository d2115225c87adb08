import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

// Where a server for development is; `npm run dev` beside `npm run console:dev`.
const server = process.env.CHATELAINE_DEV_SERVER ?? 'http://127.0.0.1:16001'
const paths = ['/api', '/appsuite', '/pks', '/vks', '/wwwassets', '/guest/unsubscribe', '/guardsupport']

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // Relative: the server says where it hangs, in the page's base.
  base: './',
  html: { cspNonce: '__nonce__' },
  build: {
    assetsDir: 'console',
    manifest: true,
    // All of what the library styles is one file; what is inlined would be no file of ours.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 800,
    rolldownOptions: {
      // Libraries mark their files for server components, which there are none of: a warning for each would hide others.
      onLog(level, log, handle) {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log)
      },
    },
  },
  server: { proxy: Object.fromEntries(paths.map((path) => [path, server])) },
})
