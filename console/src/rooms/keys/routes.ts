import type { RouteObject } from 'react-router'

export const routes: readonly RouteObject[] = [
  { path: 'my/keys', lazy: () => import('./overview.tsx') },
  { path: 'my/keys/new', lazy: () => import('./making.tsx') },
  { path: 'my/keys/bring', lazy: () => import('./bringing.tsx') },
  { path: 'my/keys/settings', lazy: () => import('./settings.tsx') },
  { path: 'my/keys/:fingerprint', lazy: () => import('./key.tsx') },
]
