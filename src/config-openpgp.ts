import { z } from 'zod'
import {
  address,
  count,
  dayList,
  flag,
  internalHost,
  keySources,
  list,
  optional,
  personsUrl,
  seconds,
} from './config-kinds.ts'

/** The settings about keys: a part of config-groups.ts. */
export const openpgpGroups = {
  OpenPGP: {
    keyAlgorithm: [
      z.enum(['curve25519', 'rsa2048', 'rsa3072', 'rsa4096', 'v6']).default('curve25519'),
      'algorithm of new keys: curve25519, rsa2048, rsa3072, rsa4096, or v6 (Curve25519 in the format of RFC 9580, which GnuPG does not read)',
    ],
    keyV6: [flag(false), 'on: people may choose v6 for a new key; the other algorithms they always may'],
    keyPool: [count(2, 0), 'RSA keys of the algorithm above that are made ahead, so that nobody waits; 0: none'],
    keyValidDays: [count(730, 0), 'days a new or renewed key is valid; 0: for ever'],
    keyReminderDays: [dayList('30,7'), 'days before the end of a key on which its owner is told, comma separated'],
    keyPasswordMinLength: [count(8), 'least length of a key password, in characters'],
    noRecovery: [
      flag(false),
      'on: no second copy of secret keys is kept; a forgotten key password is lost mail, and nobody but its owner opens a key',
    ],
    noDeleteRecovery: [flag(false), 'on: people may not have their second copy removed'],
    noDeletePrivate: [flag(false), 'on: people may not delete their secret keys, only revoke them'],
    keyResetPause: [seconds(600), 'seconds between two new key passwords by mail for one account'],
    keySessionLifetime: [seconds(86_400), 'seconds an auth token lives at the most'],
    openpgpWidth: [count(2), 'OpenPGP worker threads'],
    openpgpQueue: [count(64), 'OpenPGP jobs that may wait; beyond it 503'],
    mailLimit: [
      count(75_497_472, 65_536),
      'largest message or file in bytes that the mail endpoints take; 80 MiB at most',
    ],
    largeBodies: [
      count(268_435_456, 1_048_576),
      'bytes that all request bodies over a mebibyte may have at once, and a quarter of that those over 16 KiB; beyond it they wait for 15 s, then 503',
    ],
  },
  'Being found': {
    publishKeys: [
      flag(true),
      'on: keys of confirmed addresses are found through the Web Key Directory, HKP and VKS, unless their owners take them out',
    ],
    keyServerAdd: [
      flag(false),
      'on: /pks/add takes keys that people of this house have already, with what they learnt elsewhere',
    ],
    wksAddress: [optional, 'submission address of the Web Key Service, the same for all domains; absent: none'],
    wksListen: [address.optional(), 'host:port of the SMTP listener that takes the mails to it; absent: none'],
  },
  'Finding keys': {
    keySources: [
      keySources('tenant=5,uploaded=4,shared=3,autocrypt=2,contacts=3,wkd=3,dane=4'),
      'where a key for a correspondent is looked for, in this order, each with its level of trust from 0 to 5: tenant, uploaded, shared, autocrypt, contacts, wkd, dane, key servers by their https:// (VKS) or hkps:// URL; none: nowhere but in this tenant',
    ],
    keyTrustLevel: [count(3, 0), 'level from which a source counts as trusted'],
    keyLookupTimeout: [seconds(3), 'seconds until a source in the world is not waited for any longer'],
    keyLookupHours: [count(168), 'hours that an answer of the world is kept; that there is no key, one hour'],
    keyLookupInternal: [
      list('').pipe(z.array(internalHost)),
      'own hosts that may be asked although they have private addresses: name=address:port, comma separated',
    ],
    keyLookupCa: [optional, 'file with certificates (PEM) of authorities that such hosts may have theirs from'],
    dnssecResolver: [
      address.optional(),
      'host:port of a validating resolver on this machine (loopback), for dane; absent: dane finds nothing',
    ],
    carddavUrl: [
      personsUrl('http:', 'https:').optional(),
      'CardDAV address book home of a person, {user} and {domain} standing for the parts of his address; absent: none',
      'url',
    ],
    carddavUser: [optional, 'user that may read all of them; {user} and {domain} as above'],
    carddavPassword: [optional, 'its password', 'secret'],
  },
} as const
