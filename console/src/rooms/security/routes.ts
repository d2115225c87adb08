import type { RouteObject } from 'react-router'

export const routes: readonly RouteObject[] = [
  {
    path: 'my/security',
    lazy: () => import('./room.tsx'),
    children: [
      { index: true, lazy: () => import('./home.tsx') },
      { path: 'password', lazy: () => import('./password.tsx') },
      { path: 'second-step', lazy: () => import('./second-step.tsx') },
      { path: 'passkeys', lazy: () => import('./passkeys.tsx') },
      { path: 'app-passwords', lazy: () => import('./app-passwords.tsx') },
      { path: 'sessions', lazy: () => import('./sessions.tsx') },
      { path: 'activity', lazy: () => import('./activity.tsx') },
    ],
  },
]
