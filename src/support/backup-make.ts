import { join, resolve } from 'node:path'
import { copySqlite } from '#src/db/copying.ts'
import { noteBackup } from '#src/domain/house/house.ts'
import { progressOn } from '#src/import/progress.ts'
import { judgedBackup } from './backup-check.ts'
import { NotDone, type Verb } from './verb.ts'

export const backupMake: Verb = {
  takes: 'FILE [--by NAME]',
  what: 'copy the SQLite database to a new file while the server runs, and look whether the copy is whole',
  more: [
    'The copy is the database as it is at the moment this begins: nobody waits for it, and nothing of later is in it. It is',
    'on record then, as by backup done database. The key file is not in it: keep a copy of that elsewhere. PostgreSQL has',
    'pg_dump for this: docs/operating.md.',
  ],
  examples: ['backup make /backups/chatelaine-monday.sqlite'],
  options: ['by'],
  plan({ subject }) {
    return async ({ ctx, operator: caller, origin, say }) => {
      if (ctx.database.engine !== 'sqlite')
        throw new NotDone(
          'This house is on PostgreSQL: make the backup with pg_dump --format=custom, then say `chatelaine backup done database`.',
        )
      const progress = progressOn(process.stderr, () => performance.now())
      const file = resolve(subject)
      await copySqlite(join(ctx.config.data, 'chatelaine.sqlite'), file, (done, total) =>
        progress.at('pages', done, total),
      )
      progress.clear()
      const { accounts } = await judgedBackup(ctx, file)
      await noteBackup(ctx, { caller, of: 'database', origin })
      say(
        `${file}: whole, ${accounts}. It opens with the key file in ${ctx.config.data} only: keep a copy of that elsewhere.`,
      )
    }
  },
}
