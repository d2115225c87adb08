import type { Context } from '#src/context.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { type Endpoint, endpoint, type Incoming, type Input, type Shape } from '#src/http/endpoint.ts'

// Of all keys together: by path alone somebody could try every name there is, each of them once.
const PER_SECOND = 30
/** Counts a question, by the client's network. Refuses with 'rate.exceeded'. */
async function judgeRate(ctx: Context, { origin }: Incoming): Promise<void> {
  if (!(await ctx.house.mayCall('keyserver', origin.network, PER_SECOND)))
    throw new Refusal('rate.exceeded', { retryAfter: 1 })
}

/** What everybody may ask at each of these paths by GET, and by HEAD too. */
export const askedAt = <const S extends Shape>(
  paths: readonly `/${string}`[],
  question: {
    what: string
    in: S
    answers(ctx: Context, input: Input<S>, incoming: Incoming): Promise<Response>
  },
): Endpoint[] =>
  paths.flatMap((path) =>
    (['GET', 'HEAD'] as const).map((method) =>
      endpoint({
        at: `${method} ${path}`,
        what: question.what,
        who: 'anyone',
        in: question.in,
        async does(ctx, input, _, incoming) {
          await judgeRate(ctx, incoming)
          return question.answers(ctx, input, incoming)
        },
      }),
    ),
  )
