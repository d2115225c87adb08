import type { SetupItem } from './calls.ts'

const text = (fact: SetupItem['facts'][string] | undefined): string => String(fact ?? '')

// Where they lie is told to root only.
const DATA = '$CHATELAINE_DATA'

/** What is to be written or run, for each thing that can be set up: a line each. Examples that people fill in. */
const steps: Record<string, (facts: SetupItem['facts']) => string[]> = {
  mail: () => ['CHATELAINE_SMTP_URL=smtp://user:password@mail.example.org:587'],
  'mail-sender': () => ['CHATELAINE_MAIL_FROM=Security <no-reply@example.org>'],
  sms: () => ['CHATELAINE_SMS_PRESET=twilio', 'CHATELAINE_SMS_FROM=+15550100'],
  gateway: () => ['CHATELAINE_GATEWAY_NEXT_HOP=smtp://mail.example.org:25'],
  guests: () => ['CHATELAINE_GUESTS=off'],
  'public-url': () => ['CHATELAINE_PUBLIC_URL=https://security.example.org'],
  tls: () => ['CHATELAINE_TLS=/etc/chatelaine/tls'],
  'trusted-proxies': () => ['CHATELAINE_TRUSTED_PROXIES=127.0.0.1'],
  backup: ({ engine, folder }) =>
    engine === 'postgres'
      ? ['pg_dump "$CHATELAINE_DATABASE_URL" > chatelaine.sql']
      : [`sqlite3 "${text(folder) || DATA}/chatelaine.sqlite" ".backup chatelaine-backup.sqlite"`],
  'key-file': ({ file }) => [`cp "${text(file) || `${DATA}/chatelaine.key`}" /mnt/safe/`],
  database: () => ['CHATELAINE_DATABASE_URL=postgres://user:password@db.example.org/chatelaine'],
  metrics: () => ['CHATELAINE_METRICS_LISTEN=127.0.0.1:16101'],
}

export const stepsOf = ({ code, facts }: SetupItem): string[] => steps[code]?.(facts) ?? []

/** A setting needs a new start of the server; a command does not. */
export const isSetting = ({ code }: SetupItem): boolean => code !== 'backup' && code !== 'key-file'
