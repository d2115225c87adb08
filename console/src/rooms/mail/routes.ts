import type { RouteObject } from 'react-router'

export const routes: readonly RouteObject[] = [
  { path: 'my/mail', lazy: () => import('./start.tsx') },
  { path: 'my/mail/write', lazy: () => import('./start.tsx') },
]
