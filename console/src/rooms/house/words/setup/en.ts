/** `missing`, `advice`, `ok`: how it stands, in a sentence. `how`: what to do about it. */
export default {
  mail: {
    title: 'Sending mail',
    missing:
      'The server has no mail server to hand its letters to: no codes, no links and no notices go out. They wait, and most are of no use by the time they could go.',
    advice: 'A mail server is set, but the last letter could not be handed over.',
    ok: 'Letters go out.',
    how: 'Name your mail server, with a user and a password if it wants them:',
    mend: 'These are the mail server’s own words. Mend what they say; the letters that wait are tried again by themselves, or at once from the outbox.',
  },
  'mail-sender': {
    title: 'Sender of our letters',
    missing: 'Letters go out as “{{sender}}”. No mail server outside takes that for a sender.',
    advice: 'Before letters go out, give them a sender of your own domain.',
    ok: 'Letters come from {{sender}}.',
    how: 'Use an address of your domain that your mail server may send from:',
  },
  sms: {
    title: 'Text messages',
    missing: 'Text messages cannot be sent.',
    advice:
      'No text messages are sent. Without them people cannot use a phone number as a second step; everything else works.',
    ok: 'Text messages go out.',
    how: 'If you want them, name a provider, and see docs/settings.md for the user and the token it wants:',
    mend: 'The last text message could not be handed over. These are the provider’s own words:',
  },
  gateway: {
    title: 'Mail gateway',
    missing: 'The gateway takes mail, but does not know where to hand it on.',
    advice: 'The gateway could be set up better.',
    ok: 'The gateway encrypts mail on its way.',
    unused: 'The gateway is not in use.',
    how: 'Name the mail server that gets what the gateway has encrypted:',
  },
  guests: {
    title: 'Guests',
    missing: 'Guests cannot be invited.',
    advice: 'People without a key could read encrypted mail here as guests, but without mail nobody can invite them.',
    ok: 'People without a key are invited to read their mail here.',
    unused: 'Guests are turned off: who has no key gets no encrypted mail.',
    how: 'Set up sending mail first. If you want no guests, turn them off:',
  },
  'public-url': {
    title: 'Public address',
    missing: 'Nobody said how people reach this server. Links in letters lead to {{url}}, which works for few.',
    advice: 'The public address could be better.',
    ok: 'People reach this server at {{url}}.',
    how: 'Write down the address that people type into their browser:',
  },
  tls: {
    title: 'Encrypted connections',
    missing: 'Browsers reach this server without encryption: passwords travel in the clear.',
    expired: 'The certificate has expired. Browsers warn of this server.',
    advice: 'The certificate was made by the server itself, and browsers warn of it.',
    soon: 'The certificate expires soon.',
    ok: 'Connections are encrypted.',
    proxy: 'The server in front of this one encrypts the connections.',
    how: 'Name a folder with cert.pem and key.pem. If a server in front of this one has the certificate, write https:// into the public address instead:',
    renew:
      'Put a new certificate into the same folder. It is read at the next start, or at once from the page “System”.',
  },
  'trusted-proxies': {
    title: 'Server in front',
    missing:
      'Another server seems to stand in front of this one, and is not named: everybody seems to come from the same place. One person who guesses passwords makes all the others wait.',
    advice: 'The server in front could be described better.',
    ok: 'Where people come from can be told.',
    unused: 'No server in front needs to be named.',
    how: 'Name the addresses of the server in front:',
  },
  backup: {
    title: 'Backup of the database',
    missing:
      'Nobody has said yet that there is a backup. Without one, a broken disk takes every account and every key.',
    advice: 'The last backup is more than a week old.',
    ok: 'A backup was made.',
    how: 'Run this every night, and keep what it makes on another machine. The server can go on running:',
    script:
      'Then tell this page, here or at the end of your script (bin/chatelaine backup done database, see docs/administration.md).',
    done: 'I have just made a backup',
    noted: 'Noted: a backup was made just now.',
  },
  'key-file': {
    title: 'Copy of the key file',
    missing:
      'Nobody has said yet that there is a copy of the key file. Without it, a backup of the database cannot be opened.',
    advice: 'The copy of the key file may be old.',
    ok: 'A copy of the key file was made.',
    how: 'Copy it once, and keep the copy apart from the backups of the database: who has both can read what is sealed.',
    script: 'It does not change: once is enough.',
    done: 'I have made a copy of it',
    noted: 'Noted: there is a copy of the key file.',
  },
  database: {
    title: 'Database',
    missing: 'The database is not set up.',
    advice: 'The database could be set up better.',
    ok: 'SQLite, a file beside the server.',
    postgres: 'PostgreSQL.',
    how: 'For several servers at once, use PostgreSQL:',
  },
  metrics: {
    title: 'Monitoring',
    missing: 'Nothing watches this server.',
    advice:
      'This page shows the last quarter of an hour. To see more, and to be woken when something fails, let Prometheus watch.',
    ok: 'Prometheus can watch this server.',
    how: 'Open a place for it that is not reached from outside:',
  },
} as const
