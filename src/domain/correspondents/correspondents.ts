/** Keys of others, as one account knows them: uploaded, shared by colleagues, learnt by Autocrypt. */
export {
  type AutocryptKey,
  listAutocrypt,
  removeAutocrypt,
  type TakenHeader,
  takeHeader,
  verifyAutocrypt,
} from './autocrypt.ts'
export { knownWith } from './by-id.ts'
export { type IncomingMail, learnFromMail } from './incoming.ts'
export {
  autocryptFor,
  type CorrespondentKey,
  sharedFor,
  trustedCertificates,
  uploadedFor,
} from './lookups.ts'
export { gossipFor, headerFor } from './outgoing.ts'
export { type RecipientAdvice, recommend } from './recommending.ts'
export { isUploaded, learnOfUploaded } from './refreshing.ts'
export { importSetup, makeSetup } from './setup.ts'
export {
  type ExternalKey,
  listExternal,
  markExternal,
  removeExternal,
  type Uploaded,
  uploadExternal,
} from './uploaded.ts'
