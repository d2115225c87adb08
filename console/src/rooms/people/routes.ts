import type { RouteObject } from 'react-router'

export const routes: readonly RouteObject[] = [
  { path: 'admin/people', lazy: () => import('./people-page.tsx') },
  { path: 'admin/people/domain/:domain', lazy: () => import('./domain-page.tsx') },
  { path: 'admin/people/:id', lazy: () => import('./person-page.tsx') },
  { path: 'admin/guests', lazy: () => import('./guests-page.tsx') },
  { path: 'admin/guests/:id', lazy: () => import('./guest-page.tsx') },
]
