import { publicBase } from '#src/lib/public-base.ts'
import type { TemplateName } from './catalogue.ts'
import type { Reader, Values, Writer } from './letter.ts'

/** A letter to look at: what it would be about, and for whom. */
export interface Specimen {
  reader: Reader
  values: Values
}

const CODE = '246813'
const PASSWORD = 'k3vq7m2xwd5rtb4n'
const PIN = '4821'
const FINGERPRINT = 'C0FF EE00 1234 5678 9ABC  DEF0 1234 5678 9ABC DEF0'
const DAY = 86_400

type Sample = (at: { base: string; now: number }) => Values

const action =
  (name: string, lifetime = DAY): Sample =>
  ({ base }) => ({ link: `${base}/api/v1/actionLink?action=${name}&id=kR3v9sT1wZ8yB6nC4mQ2`, lifetime })

const code = (): Values => ({ code: CODE, lifetime: 600 })
const change = (): Values => ({ change: 'passkey.added', name: 'Yubi' })
const waiting: Sample = (at) => ({ ...action('stop_recovery')(at), until: at.now + 3 * DAY * 1000 })
const names = (): Values => ({ names: ['mara@example.org', 'mara.lind'] })

const samples: Record<TemplateName, Sample> = {
  password_reset: action('password_reset'),
  email_verification: action('email_verification'),
  email_invitation: action('email_invitation'),
  signup_verification: action('signup_completion'),
  verification_code: code,
  verification_code_sms: code,
  number_validation_sms: code,
  recovery_token: () => ({ code: 'Hq7x2LmN4pRs', lifetime: 3600 }),
  recovery_token_sms: () => ({ code: 'Hq7x2LmN4pRs', lifetime: 3600 }),
  recovery_waiting: waiting,
  recovery_waiting_sms: waiting,
  username_reminder: names,
  username_reminder_sms: names,
  account_changed: change,
  account_changed_sms: change,
  account_told: () => ({ change: 'key.made-on-demand', name: FINGERPRINT, who: 'ida@example.org' }),
  key_address: (at) => ({ ...action('key_address')(at), address: 'mara@work.example' }),
  key_expiring: (at) => ({
    ...action('key_renew')(at),
    until: at.now + 14 * DAY * 1000,
    name: FINGERPRINT,
    change: 'key-renewal.at-once',
  }),
  key_submission: () => ({ name: FINGERPRINT, lifetime: 7 * DAY }),
  key_password_reset: () => ({ code: PASSWORD }),
  guest_invitation: ({ base, now }) => ({
    link: `${base}/guest?item=7f0c3a52-6a0e-4f6d-9a53-0d1c5b7e2a44`,
    sender: { name: 'Ida Berg', address: 'ida@example.org' },
    greeting: 'Here are the papers that we talked about on Tuesday. More at www.example.com. Ida',
    change: 'guest.by-pin',
    until: now + 30 * DAY * 1000,
    unsubscribe: `${base}/guest/unsubscribe?token=2b1f8c9e-0000-4000-8000-5d6e7f809102.9f86d081884c7d65`,
  }),
  guest_password: () => ({ code: PASSWORD }),
  guest_password_reset: ({ base }) => ({ code: PASSWORD, link: `${base}/guest` }),
  guest_password_by_desk: ({ base }) => ({ code: PASSWORD, link: `${base}/guest` }),
  guest_key_moved: () => ({ code: PASSWORD, address: 'mara@work.example' }),
  guest_changed: ({ base }) => ({ change: 'guest.password-changed', link: `${base}/guest` }),
  guest_account_reset: ({ base }) => ({ link: `${base}/guest?reset=kR3v9sT1wZ8yB6nC4mQ2`, lifetime: 2 * DAY }),
  guest_pin_for_sender: () => ({ code: PIN, address: 'guest@elsewhere.example' }),
  delivery_failed: () => ({
    returned: [
      { address: 'guest@elsewhere.example', reason: 'no-key' },
      { address: 'post@gone.example', reason: 'refused', words: '550 5.1.1 no such user here' },
    ],
  }),
}

/** Values for a letter that nobody gets; its reader is of a population and a locale. */
export function specimenOf(
  { config, clock }: Writer,
  template: TemplateName,
  { locale, population = 'user' }: { locale: string; population?: string },
): Specimen {
  const values = samples[template]({ base: publicBase(config), now: clock.now() })
  const reader = { email: 'mara@example.org', name: 'Mara Lind', locale, population }
  return { reader, values }
}
