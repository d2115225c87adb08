import { mailRefusals } from '#src/http/mail-refusals.ts'

export const refuse = mailRefusals()
