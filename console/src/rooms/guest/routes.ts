import type { RouteObject } from 'react-router'

export const routes: readonly RouteObject[] = [{ path: 'guest', lazy: () => import('./start.tsx') }]
