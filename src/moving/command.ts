import { parseArgs } from 'node:util'
import { BadSettings, readConfig, readSetting } from '#src/config.ts'
import type { Terminal } from '#src/support/terminal.ts'
import { plain } from '#src/support/text.ts'
import { Misuse, NotDone } from '#src/support/verb.ts'
import { moveHouse, type Wish } from './move.ts'
import { progressOn, type Screen } from './progress.ts'

const help = `chatelaine move [--to postgres://user@host/name] [--dry-run | --verify] [--anew]
  Moves the house of this data folder from SQLite to PostgreSQL: every row of every table.

    Stop servers and gateways first; CHATELAINE_DATA says which folder. The new database has to be empty, made with
    the encoding UTF8. Others see what stands on a command line: a URL with a password is better given as
    CHATELAINE_DATABASE_URL, which is read when there is no --to.
    A move that was interrupted goes on where it ended when it is run again. At the end every row is compared; no
    server starts on the new database before that, and none on the old one after it. The SQLite file stays as it is.

    --dry-run  tell what would be moved, and what stands in the way; nothing is written
    --verify   compare all rows again, and nothing else
    --anew     forget what an unfinished move has copied, and begin from the start

    chatelaine move --dry-run --to postgres://chatelaine@db.example.org/chatelaine

Exit codes: 0 it is done; 1 it is not, or rows differ; 2 it was called in a wrong way, and nothing was looked at.`

const DONE = 0
const NOT_DONE = 1
const MISUSED = 2

type Environment = Record<string, string | undefined>

interface Call {
  args: readonly string[]
  environment: Environment
  terminal: Pick<Terminal, 'say' | 'complain'>
  screen: Screen
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        to: { type: 'string' },
        'dry-run': { type: 'boolean' },
        verify: { type: 'boolean' },
        anew: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
  } catch (error) {
    throw new Misuse(plain((error as Error).message.split('.')[0]!))
  }
}

function targetOf(text: string | undefined): string {
  if (!text) throw new Misuse('Where to? Give --to postgres://user@host/name, or CHATELAINE_DATABASE_URL.')
  try {
    return readSetting('databaseUrl', text)!
  } catch (error) {
    // It says what is wrong with the URL, and nothing of what stands in it.
    throw new Misuse(`--to: ${(error as Error).message}`)
  }
}

/** What was typed; null when it asks how to ask. */
function wishIn(args: readonly string[], environment: Environment): Wish | null {
  const { values, positionals } = parsed(args)
  if (values.help || positionals[0] === 'help') return null
  if (positionals.length > 0) throw new Misuse(`"${plain(positionals[0]!)}" is one word too many.`)
  const { verify, 'dry-run': isDry, anew = false } = values
  if ((verify && isDry) || (anew && (verify || isDry)))
    throw new Misuse('Only one of --dry-run, --verify and --anew at a time.')
  const does = verify ? 'compare' : isDry ? 'look' : 'move'
  return { to: targetOf(values.to ?? environment.CHATELAINE_DATABASE_URL), does, isAnew: anew }
}

/** Without the password, in either of the ways in which it may be spelt. */
function withoutPassword(text: string, to: string | undefined): string {
  const spelt = to && URL.canParse(to) ? new URL(to).password : ''
  if (!spelt) return text
  const words = [spelt, decodeURIComponent(spelt)]
  return words.reduce((shown, word) => shown.replaceAll(word, '********'), text)
}

async function run(wish: Wish, { environment, terminal, screen }: Call): Promise<void> {
  const config = readConfig({ ...environment, CHATELAINE_DATABASE_URL: undefined })
  const progress = progressOn(screen, () => performance.now())
  const say = (line: string) => {
    progress.clear()
    terminal.say(line)
  }
  try {
    await moveHouse({ config, progress, say }, wish)
  } finally {
    progress.clear()
  }
}

/** Moves a house from SQLite to PostgreSQL; returns the exit code. Faults of the settings are thrown. */
export async function moveCommand(call: Call): Promise<number> {
  const { terminal, environment } = call
  let wish: Wish | null = null
  try {
    wish = wishIn(call.args, environment)
    if (wish) await run(wish, call)
    else terminal.say(help)
    return DONE
  } catch (error) {
    if (error instanceof BadSettings) throw error
    if (error instanceof Misuse) {
      terminal.complain(`${error.message}\n\`chatelaine move help\` explains how it is called.`)
      return MISUSED
    }
    const { message, code, stack } = error as NodeJS.ErrnoException
    const why =
      error instanceof NotDone ? message : environment.CHATELAINE_LOG_LEVEL === 'debug' ? stack : message || code
    terminal.complain(
      withoutPassword(
        error instanceof NotDone
          ? `${why}`
          : `It ended: ${why}\nRun it again when that is mended: it goes on from there.`,
        wish?.to,
      ),
    )
    return NOT_DONE
  }
}
