/** The services that share this house's accounts: who they are, what they need to know, and what they must forget. */
export { endedTokens, forgetEnded, rememberAnnounced } from './announced.ts'
export { askSibling, findSibling } from './calling.ts'
export { judgeMailServer } from './mail-servers.ts'
export {
  type Announcement,
  announceService,
  describeSiblings,
  dismissService,
  listSiblings,
  listSiblingsInside,
  type Ourselves,
  ourselves,
  type Sibling,
  serviceUri,
} from './registry.ts'
export {
  changeSecret,
  judgeSecretReader,
  listSecrets,
  namesOfSecrets,
  readSecret,
  removeSecret,
  type SystemSecret,
} from './secrets.ts'
export { sweep as sweepServices } from './store.ts'
