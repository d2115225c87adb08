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

/** Where those can go who look after others. */
export const administration: readonly Entry[] = [
  { to: '/admin', label: 'nav.overview', Icon: Gauge },
  { to: '/admin/people', label: 'nav.people', Icon: Users },
  { to: '/admin/guests', label: 'nav.guests', Icon: HeartHandshake },
  { to: '/admin/outbox', label: 'nav.outbox', Icon: Inbox },
  { to: '/admin/record', label: 'nav.record', Icon: ScrollText },
  { to: '/admin/services', label: 'nav.services', Icon: Network },
  { to: '/admin/system', label: 'nav.system', Icon: Server },
]
