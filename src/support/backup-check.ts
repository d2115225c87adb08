import type { Context } from '#src/context.ts'
import { type ForeignDatabase, openForeign } from '#src/db/foreign.ts'
import { CANARY, opensCanary } from '#src/key-file.ts'
import { counted } from './text.ts'
import { NotDone, type Verb } from './verb.ts'

async function judgeWhole(source: ForeignDatabase): Promise<void> {
  if (source.engine !== 'sqlite') return
  const rows = await source.query('pragma integrity_check')
  if (rows.length !== 1 || rows[0]?.integrity_check !== 'ok')
    throw new NotDone('The file is damaged: do not rely on it.')
}

/** Looks whether a copy of the database is whole and opens with the key file of this house; throws `NotDone`. */
export async function judgedBackup(ctx: Context, place: string): Promise<{ accounts: string }> {
  const source = await openForeign(place).catch((error: Error) => {
    throw new NotDone(`It cannot be read: ${error.message}`)
  })
  try {
    if ((await source.columnsOf('server_secret')).length === 0) throw new NotDone('There is no Chatelaine in it.')
    await judgeWhole(source)
    const [canary] = await source.query('select value from server_secret where name = ?', [CANARY])
    if (!opensCanary(ctx.secrets.sealer, String(canary?.value)))
      throw new NotDone(`It was sealed under another key file than the one in ${ctx.config.data}.`)
    const [row] = await source.query('select count(*) as count from account')
    return { accounts: counted(Number(row?.count), 'account') }
  } finally {
    await source.close()
  }
}

export const backupCheck: Verb = {
  takes: 'FILE|postgres://…',
  what: 'look whether a copy of the database is whole and opens with the key file of this house',
  more: [
    'A file made by backup make, or a PostgreSQL database that a dump was restored into. It is read, and not changed. A',
    'restore that was never tried is a hope: docs/operating.md has the whole of it, in a few lines.',
  ],
  examples: ['backup check /backups/chatelaine-monday.sqlite'],
  options: [],
  plan({ subject }) {
    return async ({ ctx, say }) => {
      const { accounts } = await judgedBackup(ctx, subject)
      say(`It is whole, has ${accounts}, and opens with the key file in ${ctx.config.data}.`)
    }
  },
}
