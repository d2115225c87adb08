import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import './main.css'
import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode, Suspense } from 'react'
import { createRoot } from 'react-dom/client'
import { RouterProvider } from 'react-router/dom'
import { queries } from './api/session.ts'
import { openRouter } from './app.tsx'
import { nonce } from './parts/nonce.ts'
import { Waiting } from './parts/waiting.tsx'
import { theme, variables } from './theme.ts'
import { startWords } from './words/words.ts'

// What locks the page behind a dialogue writes a style of its own, and looks for the nonce where bundlers put it.
Object.assign(globalThis, { __webpack_nonce__: nonce() })

await startWords()
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto" getStyleNonce={nonce}>
      <QueryClientProvider client={queries}>
        <Notifications position="bottom-right" />
        <Suspense fallback={<Waiting />}>
          <RouterProvider router={openRouter()} />
        </Suspense>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)
