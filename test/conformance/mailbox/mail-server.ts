import type { CallOptions, House, Reply } from '#src/testing.ts'
import { INTERNAL_KEY } from '../openwifi/keys.ts'

export const MAIL_SERVER_KEY = 'key-of-the-mail-servers-0123456789'

/** What a house needs to be asked by mail servers. */
export const mailServer = { CHATELAINE_MAIL_SERVER_KEY: MAIL_SERVER_KEY, CHATELAINE_INTERNAL_KEY: INTERNAL_KEY }

export const VERIFY = '/api/v1/auth/verify'

/** Asks as a mail server does. */
export const ask = (house: House, json: unknown, headers: CallOptions['headers'] = {}): Promise<Reply> =>
  house.call('POST', VERIFY, { json, headers: { 'X-API-KEY': MAIL_SERVER_KEY, ...headers } })
