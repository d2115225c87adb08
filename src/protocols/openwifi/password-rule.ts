import type { Context } from '#src/context.ts'
import type { PasswordRule } from '#src/domain/accounts/accounts.ts'

// Escaped so that it means the same with and without the flags u and v: browsers use all three.
const SPECIAL = '[\\{\\}\\(\\)~_+\\|\\\\\\[\\];:<>.,\\/?"\'`=#!@$%^&*\\-]'

/** The least length of a password here: the house's, but never less than the protocol's own. */
export const leastLength = ({ config }: Context): number => Math.max(8, config.passwordMinLength)

/** What clients check a new password with before they send it: a regular expression of JavaScript. */
export const passwordPattern = (ctx: Context): string =>
  `^(?=.*[A-Z])(?=.*[a-z])(?=.*[0-9])(?=.*${SPECIAL}).{${leastLength(ctx)},${ctx.config.passwordMaxLength}}$`

/**
 * The wire protocol's own demand: four classes of characters, and eight of them, whether there is a second step or not.
 * See docs/threat-model.md.
 */
export const passwordRule = (ctx: Context): PasswordRule => ({
  leastLength: ({ passwordMinLength }) => Math.max(8, passwordMinLength),
  accepts: (password) => new RegExp(passwordPattern(ctx), 'u').test(password),
})
