import type { RouteObject } from 'react-router'

export const routes: readonly RouteObject[] = [
  {
    path: 'forgotten',
    lazy: () => import('./frame.tsx'),
    children: [
      { index: true, lazy: () => import('./start.tsx') },
      { path: 'name', lazy: () => import('./name.tsx') },
      { path: 'phone', lazy: () => import('./phone.tsx') },
      ...['password', 'phone'].flatMap((goal): RouteObject[] => [
        { path: `${goal}/who`, lazy: () => import('./who.tsx') },
        { path: `${goal}/where`, lazy: () => import('./where.tsx') },
        { path: `${goal}/code`, lazy: () => import('./code.tsx') },
      ]),
      { path: 'password/new', lazy: () => import('./new-password.tsx') },
      { path: 'password/done', lazy: () => import('./password-done.tsx') },
      { path: 'phone/ask', lazy: () => import('./ask.tsx') },
      { path: 'phone/done', lazy: () => import('./phone-done.tsx') },
    ],
  },
]
