import { createInterface } from 'node:readline/promises'

/** Where the command is typed and answered. */
export interface Terminal {
  say(line: string): void
  complain(line: string): void
  /** Null where nobody sits who could answer. */
  ask: ((question: string) => Promise<string>) | null
}

async function ask(question: string): Promise<string> {
  // What is said goes out by itself: a question is not part of it.
  const asked = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return await asked.question(question)
  } finally {
    asked.close()
  }
}

/** That of this process. */
export const ownTerminal = (): Terminal => ({
  say: (line) => console.log(line),
  complain: (line) => console.error(line),
  ask: process.stdin.isTTY ? ask : null,
})
