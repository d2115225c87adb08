import {
  CircleX,
  KeyRound,
  Link as LinkPicture,
  LoaderCircle,
  Lock,
  type LucideIcon,
  MailQuestionMark,
  ShieldQuestionMark,
} from 'lucide-react'
import type { State } from './states.ts'

/** Each has a shape of its own, so that nobody has to tell colours apart. */
const looks: Record<State, { Icon: LucideIcon; color: string }> = {
  encrypted: { Icon: Lock, color: 'var(--good)' },
  unconfirmed: { Icon: ShieldQuestionMark, color: 'var(--mantine-color-text)' },
  newKey: { Icon: KeyRound, color: 'var(--mantine-color-text)' },
  guest: { Icon: LinkPicture, color: 'var(--mantine-color-text)' },
  waitingGuest: { Icon: LinkPicture, color: 'var(--mantine-color-text)' },
  newGuest: { Icon: LinkPicture, color: 'var(--mantine-color-text)' },
  no: { Icon: CircleX, color: 'var(--bad)' },
  invalid: { Icon: MailQuestionMark, color: 'var(--bad)' },
  looking: { Icon: LoaderCircle, color: 'var(--mantine-color-dimmed)' },
}

export function StateIcon({ state, size = 16 }: { state: State; size?: number }) {
  const { Icon, color } = looks[state]
  return <Icon aria-hidden size={size} color={color} style={{ flex: '0 0 auto' }} />
}
