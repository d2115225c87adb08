import { z } from 'zod'
import { address, count, domainRules, flag, list, optional, range, seconds, url } from './config-kinds.ts'

/** The settings about mail that is encrypted, carried and read here: a part of config-groups.ts. */
export const mailGroups = {
  'The gateway': {
    gatewayListen: [
      address.optional(),
      'host:port of the SMTP listener that outgoing mail is handed to, by a Postfix content_filter say; absent: none',
    ],
    gatewayIncomingListen: [
      address.optional(),
      'host:port of the SMTP listener that incoming mail is handed to, to be encrypted at rest; absent: none',
    ],
    gatewayInside: [
      flag(false),
      'on: the server opens both listeners itself; off: `chatelaine gateway` does, in a process of its own',
    ],
    gatewayNextHop: [
      url('smtp:', 'smtps:').optional(),
      'where encrypted mail is handed on: smtp://host:port; absent: smtpUrl',
      'url',
    ],
    gatewayPeers: [
      list('127.0.0.0/8,::1/128').pipe(z.array(range)),
      'addresses or CIDR ranges, comma separated, that may hand mail to the gateway; what they hand over is believed to be from whom it says',
    ],
    gatewayEncrypt: [
      z.enum(['off', 'asked', 'known', 'always']).default('known'),
      'when outgoing mail is encrypted: off (never), asked (by header or subject tag), known (for everybody whose key is known), always (what cannot be encrypted comes back)',
    ],
    gatewayRules: [
      domainRules,
      'the same for single domains of recipients, comma separated: example.com=always, example.net=off',
    ],
    gatewaySign: [
      z.enum(['off', 'asked', 'always']).default('always'),
      'when outgoing mail is signed, for authors who let the gateway sign: off, asked (by header), always',
    ],
    gatewaySubjectTag: [
      z.string().default('[encrypt]'),
      'what in a subject asks for encryption; it is taken out; none: nothing does',
    ],
    gatewayIncoming: [
      z.enum(['off', 'chosen', 'all']).default('chosen'),
      'whose incoming mail is encrypted with his own key at rest: off (nobody’s), chosen (of those who want it), all (of everybody with a key)',
    ],
    gatewayDays: [count(5), 'days a mail is tried before it comes back'],
  },
  Sending: {
    mailsPerHour: [count(500), 'mails that one account may send per hour through the API, counted for each recipient'],
  },
  Guests: {
    guests: [flag(true), 'on: who has no key becomes a guest, and reads his mail here; off: he gets no encrypted mail'],
    guestPin: [flag(false), 'on: a new guest needs a PIN besides the link; it is shown to the sender only'],
    guestInitialPassword: [flag(false), 'on: a new guest gets a first password by a mail of its own, and needs it'],
    guestItemDays: [count(30), 'days a mail of a guest is kept'],
    guestResetLifetime: [seconds(172_800), 'seconds the link lives that resets the account of a guest'],
    guestHideQuestion: [
      flag(false),
      'on: getquestion answers the same question for every address, so that it does not tell who is a guest',
    ],
    templateId: [
      count(0, 0),
      'number of the template set of mails to guests, where a call names none: docs/templates.md',
    ],
  },
  Support: {
    supportUser: [optional, 'user of /guardsupport (HTTP Basic); absent: it is off'],
    supportPassword: [optional, 'its password; absent: it is off', 'secret'],
    exposedKeyHours: [count(168), 'hours that a link to the keys of a deleted account lives'],
  },
} as const
