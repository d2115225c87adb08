/** What one side does when the other asks: by name, from one input. */
// biome-ignore lint/suspicious/noExplicitAny: each side names the types of its own acts
type Acts = Record<string, (input: any) => unknown>

/** A process as the other one has it: `process` in a worker, a worker of the cluster in the primary. */
interface Port {
  send(message: unknown, sent: (error: Error | null) => void): unknown
  on(event: 'message', hear: (message: unknown) => void): unknown
  once(event: 'disconnect', hear: () => void): unknown
}

/** The other side, with the acts that it has. */
export interface Other<A extends Acts> {
  /** Resolves with what the act answered; rejects with its error, and when the other side is gone. */
  ask<K extends keyof A & string>(name: K, input: Parameters<A[K]>[0]): Promise<Awaited<ReturnType<A[K]>>>
  /** Asks, and waits for nothing: whoever is gone does not hear it. */
  tell<K extends keyof A & string>(name: K, input: Parameters<A[K]>[0]): void
}

type Message =
  | { ask: string; input: unknown; id: number | null }
  | { answer: number; output?: unknown; error?: unknown }

const isMessage = (message: unknown): message is Message =>
  typeof message === 'object' && message !== null && ('ask' in message || 'answer' in message)

/** Questions and answers over the channel between two processes. `stray` gets what else comes by it. */
export function wire<A extends Acts>(port: Port, own: Acts, stray: (message: unknown) => void = () => {}): Other<A> {
  const asked = new Map<number, PromiseWithResolvers<unknown>>()
  let last = 0
  let isGone = false
  const send = (message: Message, failed: (error: Error) => void = () => {}): void =>
    void port.send(message, (error) => error && failed(error))

  async function answer(name: string, input: unknown): Promise<unknown> {
    const act = Object.hasOwn(own, name) ? own[name] : undefined
    if (!act) throw new Error(`nobody here can ${name}`)
    return act(input)
  }

  port.on('message', (message) => {
    if (!isMessage(message)) return stray(message)
    if ('answer' in message) {
      const waiting = asked.get(message.answer)
      asked.delete(message.answer)
      if ('error' in message) waiting?.reject(message.error)
      else waiting?.resolve(message.output)
      return
    }
    const { ask, input, id } = message
    answer(ask, input).then(
      (output) => id !== null && send({ answer: id, output }),
      (error: unknown) => id !== null && send({ answer: id, error }),
    )
  })
  port.once('disconnect', () => {
    isGone = true
    for (const { reject } of asked.values()) reject(new Error('the other process is gone'))
    asked.clear()
  })

  return {
    ask(name, input) {
      const waiting = Promise.withResolvers<unknown>()
      if (isGone) waiting.reject(new Error('the other process is gone'))
      else {
        asked.set(++last, waiting)
        send({ ask: name, input, id: last }, waiting.reject)
      }
      return waiting.promise as Promise<never>
    },
    tell(name, input) {
      if (!isGone) send({ ask: name, input, id: null })
    },
  }
}
