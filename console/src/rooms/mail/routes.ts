import type { RouteObject } from 'react-router'

export const routes: readonly RouteObject[] = [
  { path: 'my/mail', lazy: () => import('./read.tsx') },
  { path: 'my/mail/write', lazy: () => import('./write.tsx') },
  { path: 'my/mail/files', lazy: () => import('./files.tsx') },
]
