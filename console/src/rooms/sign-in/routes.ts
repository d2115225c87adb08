import type { RouteObject } from 'react-router'

export const routes: readonly RouteObject[] = [
  { path: 'sign-in', lazy: () => import('./sign-in.tsx') },
  { path: 'sign-in/second-step', lazy: () => import('./second-step.tsx') },
  { path: 'sign-in/new-password', lazy: () => import('./new-password.tsx') },
  { path: 'sign-in/set-up', lazy: () => import('./set-up.tsx') },
  { path: 'sign-in/protect', lazy: () => import('./protect.tsx') },
]
