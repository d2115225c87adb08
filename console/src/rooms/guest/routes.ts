import type { RouteObject } from 'react-router'

export const routes: readonly RouteObject[] = [
  {
    path: 'guest',
    lazy: () => import('./frame.tsx'),
    children: [
      { index: true, lazy: () => import('./arrive.tsx') },
      { path: 'forgotten', lazy: () => import('./forgotten.tsx') },
      {
        lazy: () => import('./signed-in.tsx'),
        children: [
          { path: 'inbox', lazy: () => import('./inbox.tsx') },
          { path: 'mail/:id', lazy: () => import('./mail.tsx') },
          { path: 'password', lazy: () => import('./password.tsx') },
        ],
      },
      { path: '*', lazy: () => import('./nothing.tsx') },
    ],
  },
]
