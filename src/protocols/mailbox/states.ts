import type { Scope } from '#src/domain/factors/factors.ts'
import { type Hurdle, hurdles, type Session } from '#src/domain/sessions/sessions.ts'

/** A hurdle as this protocol has it. */
interface Step {
  /** what a sign-in says of it in X-Axigen-2FA; null where the published API has no word for it */
  header: string | null
  /** the calls that take a session over it */
  passedBy: readonly string[]
  /** the only scope whose methods are listed and send tokens before it; null for all */
  scope: Scope | null
}

/** What a session does at each hurdle of the domain; docs/mailbox.md is drawn from this. */
export const steps: Record<Hurdle, Step> = {
  required: { header: 'required', passedBy: ['POST /login/2fa', 'POST /login/2fa/passkey'], scope: '2fa' },
  setup: {
    header: 'mandatory',
    passedBy: [
      'POST /account/security/2fa',
      'POST /account/security/2fa/activate',
      'POST /account/security/2fa/passkey',
    ],
    scope: null,
  },
  change: { header: null, passedBy: ['POST /account/password/set', 'POST /account/password/reset'], scope: null },
}

/** The sign-ins, with the hurdles that their sessions may stand before: whoever has to pass another one is refused. */
export const signIns = {
  'POST /login': ['change'],
  'POST /login/cookie': hurdles,
} as const satisfies Record<string, readonly Hurdle[]>

const stepOf = ({ state }: Session): Step | undefined => (steps as Record<string, Step>)[state]

/** What the sign-in to a session says in X-Axigen-2FA; null for nothing. */
export const stepHeader = (session: Session): string | null => stepOf(session)?.header ?? null

/** The only scope whose methods a session may see and use; null for all. */
export const onlyScope = (session: Session): Scope | null => stepOf(session)?.scope ?? null

/** Does a call take a session over the hurdle that it stands before? */
export const isPassedBy = (session: Session, at: string): boolean => stepOf(session)?.passedBy.includes(at) ?? false
