import type { RouteObject } from 'react-router'

export const routes: readonly RouteObject[] = [{ path: 'my/correspondents', lazy: () => import('./overview.tsx') }]
