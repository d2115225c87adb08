import type { RouteObject } from 'react-router'

export const routes: readonly RouteObject[] = [
  { path: 'admin/people', lazy: () => import('./start.tsx') },
  { path: 'admin/guests', lazy: () => import('./start.tsx') },
]
