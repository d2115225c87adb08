export default {
  title: 'Make a key',
  lead: 'For {{address}}. It takes a moment, and costs nothing but a password to remember.',
  who: 'Your name',
  whoHint: 'Others see it beside your address when they look for your key.',
  password: 'A password for the key',
  passwordLead:
    'It opens the key whenever you read encrypted mail or sign. Every key has one here: without it, whoever sits at your open mailbox could read everything.',
  newPassword: 'Key password',
  newHint_one: 'At least {{count}} character. Not the one that you sign in with.',
  newHint_other: 'At least {{count}} characters. Not the one that you sign in with.',
  repeat: 'Once more',
  differs: 'The two are not the same.',
  suggest: 'Make one up for me',
  suggested: 'Keep it in a password manager, or write it down, before you go on:',
  recovery: 'If you forget that password',
  yes: 'The server can help me',
  yesText:
    'It keeps a second copy of the key, and can mail you a new password. The price: whoever runs this server, or steals its database and its key file together, can open the key.',
  no: 'Nobody can help me',
  noText:
    'There is no second copy. Nobody but you can ever open the key. The price: if you forget the password, all your encrypted mail is lost for good.',
  noRecovery:
    'On this server nobody keeps second copies of keys. If you forget the password, your encrypted mail is lost for good.',
  advised: 'Advised for most people',
  expert: 'For experts: kind of key, and when it ends',
  algorithm: 'Kind',
  algorithms: {
    '': 'As this server advises',
    curve25519: 'Curve25519 (short and quick)',
    rsa3072: 'RSA, 3072 bits',
    rsa4096: 'RSA, 4096 bits (for old programs; takes long)',
  },
  ends: 'Valid for',
  lives: { '': 'As this server advises', '365': 'One year', '730': 'Two years', '1825': 'Five years', '0': 'Ever' },
  action: 'Make the key',
} as const
