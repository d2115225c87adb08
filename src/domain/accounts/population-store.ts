import { sql } from 'kysely'
import { atomically, type Context } from '#src/context.ts'

/** How many a population has: what came and went is written down, and nobody is counted. */
export async function populationOf(ctx: Context, population: string): Promise<number> {
  const { people } = await ctx.db
    .selectFrom('population_count')
    .select(({ fn }) => fn.sum<number | null>('people').as('people'))
    .where('population', '=', population)
    .executeTakeFirstOrThrow()
  return Number(people ?? 0)
}

/**
 * Writes what came and went as one number for each population. Of nodes that do it at once, one finds nothing left.
 * Returns how many rows that spared.
 */
export async function sumUpPopulations(ctx: Context): Promise<number> {
  const parts = sql<{ population: string; people: number }>`delete from population_count returning population, people`
  return atomically(ctx, async (ctx) => {
    const { rows } = await parts.execute(ctx.db)
    const sums = [...Map.groupBy(rows, ({ population }) => population)].map(([population, some]) => ({
      population,
      people: some.reduce((sum, { people }) => sum + people, 0),
    }))
    if (sums.length > 0) await ctx.db.insertInto('population_count').values(sums).execute()
    return rows.length - sums.length
  })
}
