/** What a letter is made of, besides what every letter may name. */
interface Row {
  /** names of variables without which it is of no use */
  must: readonly string[]
  may?: readonly string[]
  /** it has no HTML: an SMS, or the text of a mail whose form is a protocol's */
  textOnly?: true
  /** nobody asked us for it: a person did, whose mail it announces */
  fromPerson?: true
}

const link = { must: ['ACTION_LINK'], may: ['LIFETIME'] } as const
const code = { must: ['CHALLENGE_CODE'], may: ['LIFETIME'] } as const
const change = { must: ['CHANGE'], may: ['HEADLINE'] } as const

/** Every letter we write: docs/templates.md. Those that end in `_sms` are texts for telephones. */
export const catalogue = {
  password_reset: link,
  email_verification: link,
  email_invitation: link,
  signup_verification: link,
  verification_code: code,
  verification_code_sms: { ...code, textOnly: true },
  number_validation_sms: { ...code, textOnly: true },
  recovery_token: code,
  recovery_token_sms: { ...code, textOnly: true },
  recovery_waiting: { must: ['ACTION_LINK', 'UNTIL'] },
  recovery_waiting_sms: { must: ['ACTION_LINK', 'UNTIL'], textOnly: true },
  username_reminder: { must: ['USER_NAMES'] },
  username_reminder_sms: { must: ['USER_NAMES'], textOnly: true },
  account_changed: change,
  account_changed_sms: { ...change, textOnly: true },
  account_told: change,
  key_address: { must: ['ACTION_LINK', 'ADDRESS'], may: ['LIFETIME'] },
  key_expiring: { must: ['ACTION_LINK', 'UNTIL'], may: ['CHANGE', 'KEY_FINGERPRINT', 'LIFETIME'] },
  // The mail around it is one that programs of the Web Key Service read.
  key_submission: { must: ['KEY_FINGERPRINT'], may: ['LIFETIME'], textOnly: true },
  key_password_reset: { must: ['CHALLENGE_CODE'] },
  guest_invitation: {
    must: ['ACTION_LINK', 'CHANGE'],
    may: ['SENDER', 'SENDER_NAME', 'SENDER_ADDRESS', 'GREETING', 'UNTIL', 'UNSUBSCRIBE_LINK'],
    fromPerson: true,
  },
  guest_password: { must: ['CHALLENGE_CODE'] },
  guest_password_reset: { must: ['CHALLENGE_CODE'], may: ['ACTION_LINK'] },
  guest_password_by_desk: { must: ['CHALLENGE_CODE'], may: ['ACTION_LINK'] },
  guest_key_moved: { must: ['CHALLENGE_CODE', 'ADDRESS'] },
  guest_changed: { must: ['CHANGE'], may: ['HEADLINE', 'ACTION_LINK'] },
  guest_account_reset: link,
  guest_pin_for_sender: { must: ['CHALLENGE_CODE', 'ADDRESS'] },
  // The mail around it is a report (RFC 3464), whose first part many a program takes for text.
  delivery_failed: { must: ['ADDRESS', 'REASON'], textOnly: true },
} as const satisfies Record<string, Row>

export type TemplateName = keyof typeof catalogue

export const templateNames = Object.keys(catalogue) as readonly TemplateName[]

export const rowOf = (template: TemplateName): Row => catalogue[template]

/** What stands for the reader alone to see: it is left out of subjects, whatever a template says. */
export const secretVariables = ['CHALLENGE_CODE', 'ACTION_LINK', 'UNSUBSCRIBE_LINK', 'GREETING'] as const

/** A line of a template that names one of these is left out where there is none. */
export const optionalVariables = ['GREETING', 'UNSUBSCRIBE_LINK'] as const

/**
 * The names that templates of OX Guard have, as files in the operator's folder, and which letters are written by them
 * here. `header` and `footer` go around the HTML of every mail.
 */
export const foreignNames: Readonly<Record<string, readonly TemplateName[]>> = {
  guesttempl: ['guest_invitation'],
  passwordtempl: ['guest_password'],
  resettempl: ['guest_password_reset', 'guest_password_by_desk', 'key_password_reset'],
  guestresettempl: ['guest_account_reset'],
}

/** Further files of the operator that are no letters. */
export const frameNames = ['layout', 'header', 'footer'] as const
