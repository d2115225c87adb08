import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { supportCommand } from '#src/support/command.ts'
import type { House } from '#src/testing.ts'

export interface Ran {
  code: number
  out: string
  err: string
}

type Settings = Record<string, string>

const root = fileURLToPath(new URL('..', import.meta.url))

/** Runs the real command, in a process of its own in which nobody can be asked. */
export const run = (args: readonly string[], settings: Settings): Promise<Ran> =>
  new Promise((resolve) => {
    const { PATH, HOME, NODE_COMPILE_CACHE } = process.env
    const env = { PATH, HOME, NODE_COMPILE_CACHE, ...settings }
    execFile(join(root, 'bin', 'chatelaine'), args, { env }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    ).stdin?.end()
  })

/** The same within this process, which is quicker; `answer` is what somebody at the terminal says. */
export async function typed(
  [noun, ...args]: readonly string[],
  environment: Settings,
  answer?: string,
): Promise<Ran & { asked: string[] }> {
  const said: string[] = []
  const complained: string[] = []
  const asked: string[] = []
  const answering = async (question: string) => {
    asked.push(question)
    return answer ?? ''
  }
  const terminal = {
    say: (line: string) => void said.push(`${line}\n`),
    complain: (line: string) => void complained.push(`${line}\n`),
    ask: answer === undefined ? null : answering,
  }
  const code = await supportCommand(noun as 'account', { args, environment, terminal })
  return { code, out: said.join(''), err: complained.join(''), asked }
}

/** What the command needs to know of a house that runs. */
export const settingsOf = ({ ctx: { config } }: House): Settings => ({
  CHATELAINE_DATA: config.data,
  ...(config.databaseUrl ? { CHATELAINE_DATABASE_URL: config.databaseUrl } : {}),
  ...(config.smtpUrl ? { CHATELAINE_SMTP_URL: config.smtpUrl } : {}),
})
