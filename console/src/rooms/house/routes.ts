import type { RouteObject } from 'react-router'

export const routes: readonly RouteObject[] = [
  { path: 'admin', lazy: () => import('./overview.tsx') },
  { path: 'admin/outbox', lazy: () => import('./outbox.tsx') },
  { path: 'admin/record', lazy: () => import('./record.tsx') },
  { path: 'admin/services', lazy: () => import('./services.tsx') },
  { path: 'admin/system', lazy: () => import('./system.tsx') },
]
