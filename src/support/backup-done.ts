import { type BackedUp, noteBackup } from '#src/domain/house/house.ts'
import { Misuse, type Verb } from './verb.ts'

const said: Record<BackedUp, string> = {
  database: 'A backup of the database was made just now: it is on record.',
  'key-file': 'A copy of the key file was made just now: it is on record.',
}

const isBackedUp = (subject: string): subject is BackedUp => Object.hasOwn(said, subject)

export const backupDone: Verb = {
  takes: 'database|key-file [--by NAME]',
  what: 'say that a backup of the database, or a copy of the key file, was made just now',
  more: [
    'The server cannot see what others copy: whoever makes a backup without backup make says so, with the last line of his',
    'script, and the overview of the console goes by that. It needs nobody’s session or password, but to be where the',
    'data are; elsewhere there is POST /api/v1/admin/backups.',
  ],
  examples: ['backup done database', 'backup done key-file --by "Ben, safe 2"'],
  options: ['by'],
  plan({ subject }) {
    if (!isBackedUp(subject)) throw new Misuse('It is backup done database, or backup done key-file.')
    return async ({ ctx, operator: caller, origin, say }) => {
      await noteBackup(ctx, { caller, of: subject, origin })
      say(said[subject])
    }
  },
}
