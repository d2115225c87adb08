import type { RouteObject } from 'react-router'

export const routes: readonly RouteObject[] = [{ path: 'my/security', lazy: () => import('./start.tsx') }]
