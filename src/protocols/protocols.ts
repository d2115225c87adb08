import type { Protocol } from '#src/http/endpoint.ts'
import { administration } from './administration/administration.ts'
import { guard } from './guard/guard.ts'
import { guardSupport } from './guard/support.ts'
import { guests } from './guests/guests.ts'
import { keyserver } from './keyserver/keyserver.ts'
import { mail } from './mail/mail.ts'
import { mailbox } from './mailbox/mailbox.ts'
import { mailServers } from './mailbox/verify.ts'
import { mailboxVersion } from './mailbox/version.ts'
import { openwifiAssets } from './openwifi/assets.ts'
import { openwifi, openwifiInternal, openwifiSubscribers } from './openwifi/openwifi.ts'
import { pages } from './pages/pages.ts'

/** Everything that can be spoken here. Where two share a base, an unknown path is answered by the first. */
export const protocols: readonly Protocol[] = [
  openwifi,
  openwifiSubscribers,
  mailbox,
  mailServers,
  mail,
  guests,
  administration,
  pages,
  openwifiAssets,
  guard,
  guardSupport,
  keyserver,
  mailboxVersion,
]

/** What is spoken at the listener for sibling services. */
export const internalProtocols: readonly Protocol[] = [openwifiInternal, openwifiSubscribers, mailServers]
