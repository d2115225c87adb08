import { seconds } from '#src/lib/clock.ts'
import type { Members } from './members.ts'
import type { WorkerActs } from './words.ts'

// Who does not answer in time is not waited for: he may be frozen.
const ANSWERED_WITHIN = seconds(2)

/** Asks all who have begun. Those who are gone, fail, or do not answer in time have no part in the answers. */
export async function askAll<K extends keyof WorkerActs>(
  members: Members,
  name: K,
  input: Parameters<WorkerActs[K]>[0],
): Promise<Awaited<ReturnType<WorkerActs[K]>>[]> {
  type Answer = Awaited<ReturnType<WorkerActs[K]>>
  const asked = [...members.all()]
    .filter(({ hasBegun }) => hasBegun)
    .map(async ({ other }): Promise<Answer[]> => {
      const late = Promise.withResolvers<Answer[]>()
      const timer = setTimeout(late.resolve, ANSWERED_WITHIN, [])
      const answered = other.ask(name, input).then(
        (answer) => [answer],
        () => [],
      )
      const answers = await Promise.race([answered, late.promise])
      clearTimeout(timer)
      return answers
    })
  return (await Promise.all(asked)).flat()
}
