import type { RouteObject } from 'react-router'

export const routes: readonly RouteObject[] = [{ path: 'my/keys', lazy: () => import('./start.tsx') }]
