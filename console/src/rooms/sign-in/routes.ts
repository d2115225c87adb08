import type { RouteObject } from 'react-router'

export const routes: readonly RouteObject[] = [
  { path: 'sign-in', lazy: () => import('./sign-in.tsx') },
  { path: 'sign-in/second-step', lazy: () => import('./second-step.tsx') },
]
