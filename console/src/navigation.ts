import {
  Contact,
  Gauge,
  HeartHandshake,
  Inbox,
  KeyRound,
  type LucideIcon,
  MailOpen,
  Network,
  PenLine,
  ScrollText,
  Server,
  ShieldCheck,
  Users,
} from 'lucide-react'
import type { Ground, Session } from './api/session.ts'
import type common from './words/common/en.ts'

export interface Entry {
  to: string
  label: `nav.${keyof (typeof common)['nav']}`
  Icon: LucideIcon
}

/** Where everybody can go. */
export const own: readonly Entry[] = [
  { to: '/my/security', label: 'nav.security', Icon: ShieldCheck },
  { to: '/my/keys', label: 'nav.keys', Icon: KeyRound },
  { to: '/my/correspondents', label: 'nav.correspondents', Icon: Contact },
  { to: '/my/mail', label: 'nav.read', Icon: MailOpen },
  { to: '/my/mail/write', label: 'nav.write', Icon: PenLine },
]

const administration: readonly (Entry & { ground: Ground })[] = [
  { to: '/admin', ground: 'house', label: 'nav.overview', Icon: Gauge },
  { to: '/admin/people', ground: 'people', label: 'nav.people', Icon: Users },
  { to: '/admin/guests', ground: 'guests', label: 'nav.guests', Icon: HeartHandshake },
  { to: '/admin/outbox', ground: 'house', label: 'nav.outbox', Icon: Inbox },
  { to: '/admin/record', ground: 'house', label: 'nav.record', Icon: ScrollText },
  { to: '/admin/services', ground: 'house', label: 'nav.services', Icon: Network },
  { to: '/admin/system', ground: 'house', label: 'nav.system', Icon: Server },
]

/** Where who looks after others can go: what would be refused to him is not offered. */
export const administrationOf = ({ may }: Session): readonly Entry[] =>
  administration.filter(({ ground }) => may[ground])
