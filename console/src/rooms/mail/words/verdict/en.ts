export default {
  encrypted: 'It came encrypted: on its way nobody else could read it.',
  clear: 'It was not encrypted: on its way others could read it.',
  changed:
    'On its way these fields of the header were changed outside: {{names}}. What you see is what the author wrote.',
  hasMore: 'More stood around the message that nobody has encrypted or signed. It is left out.',
  keyExpired: 'The key has expired since; it was good when it signed.',
  good: { title: 'Signed by {{who}}', text: 'This is the sender’s key, and nothing was changed since.' },
  relayed: {
    title: 'Signed by {{who}}',
    text: 'This guest answered through this server, and nothing was changed since.',
  },
  partly: {
    title: 'Signed by {{who}}, in part',
    text: 'What you see is the sender’s. More stood in the message that nobody has signed; it is left out.',
  },
  other: {
    title: 'Signed by somebody else',
    text: 'The signature is good, but it is that of {{who}}, and not of the sender. Ask the sender before you rely on it.',
  },
  unknown: {
    title: 'Signed with an unknown key',
    text: 'Nobody can tell whose signature this is. Ask the sender for the key, and upload it under Correspondents.',
  },
  unconfirmed: {
    title: 'Signed, but nobody has confirmed the key',
    text: 'The signature is good. Whether its key is the sender’s nobody here knows: compare the fingerprint with the sender, by telephone for instance.',
  },
  changedSince: {
    title: 'The signature does not fit',
    text: 'The message was changed since it was signed, it was meant for somebody else, or somebody else signed it. Do not rely on it; ask the sender.',
  },
  expiredThen: {
    title: 'Signed with an expired key',
    text: 'The key of {{who}} had expired when it signed. Ask the sender to renew it and to send the message again.',
  },
  revoked: {
    title: 'Signed with a withdrawn key',
    text: 'The key of {{who}} was revoked: it may be in wrong hands. Do not rely on this message; ask the sender.',
  },
  none: { title: 'Nobody has signed it', text: 'So nobody can tell for sure who wrote it.' },
  somebody: 'somebody',
  by: 'Signature of {{who}}',
  byUnknown: 'Signature with the key {{key}}',
  fingerprint: 'Fingerprint',
  made: 'Made',
  source: 'The key',
} as const
