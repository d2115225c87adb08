/** Tells a story step by step: a plain sentence, then a tick once it has been seen to hold. */
export interface Story {
  step<T>(sentence: string, happens: () => Promise<T>): Promise<T>
  say(line: string): void
}

const isTerminal = process.stdout.isTTY === true
const paint = (code: number, text: string): string => (isTerminal ? `\u001b[${code}m${text}\u001b[0m` : text)

export function tellStory(): Story {
  let count = 0
  return {
    say: (line) => console.log(line),
    async step(sentence, happens) {
      count++
      const label = `${String(count).padStart(2)}. ${sentence}`
      if (isTerminal) process.stdout.write(`… ${label}`)
      try {
        const result = await happens()
        console.log(`${isTerminal ? '\r' : ''}${paint(32, '✔')} ${label}`)
        return result
      } catch (error) {
        console.log(`${isTerminal ? '\r' : ''}${paint(31, '✘')} ${label}`)
        throw error
      }
    },
  }
}

/** Ends the story when something is not as it should be. */
export function expect(holds: unknown, what: string): asserts holds {
  if (!holds) throw new Error(what)
}
