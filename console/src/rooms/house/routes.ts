import type { RouteObject } from 'react-router'

export const routes: readonly RouteObject[] = [
  { path: 'admin', lazy: () => import('./start.tsx') },
  { path: 'admin/outbox', lazy: () => import('./start.tsx') },
  { path: 'admin/record', lazy: () => import('./start.tsx') },
  { path: 'admin/services', lazy: () => import('./start.tsx') },
  { path: 'admin/system', lazy: () => import('./start.tsx') },
]
