import type { RouteObject } from 'react-router'

export const routes: readonly RouteObject[] = [{ path: 'forgotten', lazy: () => import('./start.tsx') }]
