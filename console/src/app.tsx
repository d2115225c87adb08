import { createBrowserRouter, type RouteObject } from 'react-router'
import { queries, sessionQuery } from './api/session.ts'
import { Fault, NotFound } from './parts/faults.tsx'
import { Home } from './parts/home.tsx'
import { Narrow } from './parts/narrow.tsx'
import { Waiting } from './parts/waiting.tsx'
import { routes as correspondents } from './rooms/correspondents/routes.ts'
import { routes as forgotten } from './rooms/forgotten/routes.ts'
import { routes as guest } from './rooms/guest/routes.ts'
import { routes as house } from './rooms/house/routes.ts'
import { routes as keys } from './rooms/keys/routes.ts'
import { routes as mail } from './rooms/mail/routes.ts'
import { routes as people } from './rooms/people/routes.ts'
import { routes as security } from './rooms/security/routes.ts'
import { routes as signIn } from './rooms/sign-in/routes.ts'

// Who is here is known before anything is drawn: nothing jumps.
const knowSession = async () => {
  await queries.ensureQueryData(sessionQuery)
  return null
}

const tree: RouteObject[] = [
  {
    ErrorBoundary: Fault,
    HydrateFallback: Waiting,
    children: [
      {
        loader: knowSession,
        shouldRevalidate: () => false,
        children: [
          { index: true, Component: Home },
          { Component: Narrow, children: [...signIn, ...forgotten] },
          {
            lazy: () => import('./parts/signed-in.tsx'),
            children: [...security, ...keys, ...correspondents, ...mail, ...people, ...house],
          },
        ],
      },
      // Guests have sessions of their own.
      ...guest,
      { Component: Narrow, children: [{ path: '*', Component: NotFound }] },
    ],
  },
]

/** The places of the console, below wherever the server hangs. */
export const openRouter = () =>
  createBrowserRouter(tree, { basename: new URL(document.baseURI).pathname.replace(/\/$/, '') || '/' })
