import { readFileSync, writeFileSync } from 'node:fs'
import { mailboxPage } from '../src/protocols/mailbox/mailbox-text.ts'

// Writes what docs/mailbox.md says by itself: run it after changing an endpoint, a state or a refusal.
const page = 'docs/mailbox.md'
writeFileSync(page, mailboxPage(readFileSync(page, 'utf8')))
