import { atomically, type Context } from '#src/context.ts'
import type { Ledger } from '#src/db/foreign.ts'
import { importAccount } from '#src/domain/accounts/accounts.ts'
import { ownOrigin } from '#src/domain/caller.ts'
import { importFactor, isUsable } from '#src/domain/factors/factors.ts'
import { defaultPolicy } from '#src/domain/policy/policy.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import { importApiKey } from '#src/domain/sessions/sessions.ts'
import { sha256 } from '#src/lib/digests.ts'
import { type Belongings, belongingsOf, passwordsOf } from './belongings.ts'
import { called, judge, type Run, shown } from './judging.ts'
import { nameLeftovers } from './leftovers.ts'
import { BadRow } from './loose.ts'
import { type ImportedPerson, personIn } from './rows.ts'
import { type People, type SourceRow, tables } from './source.ts'
import { emptyTally, type Part, type Tally } from './tally.ts'

const origin = ownOrigin('import')
const PAGE = 50

interface Work {
  run: Run
  tally: Tally
  people: People
}

/** Keeps a person and all that hangs on him, or nothing of it. Returns how many of his API keys could not be kept. */
const keep = (ctx: Context, people: People, person: ImportedPerson, own: Belongings, password: string | null) =>
  atomically(ctx, async (ctx) => {
    const { picture, preferences, factor, keys } = own
    const account = await importAccount(ctx, {
      wanted: { ...person, population: people },
      belongings: { password, picture, preferences },
      origin,
    })
    if (factor) await importFactor(ctx, { account, factor, origin })
    let lost = 0
    for (const key of keys)
      await importApiKey(ctx, { account, key, origin }).catch((error: unknown) => {
        if (!isRefusal(error, 'api-key.exists')) throw error
        lost++
      })
    return lost
  })

/** The same for a dry run: nothing is kept, and what could not be is counted. */
const pretend = (ledger: Ledger, { id }: ImportedPerson, { keys }: Belongings): number =>
  keys.filter(({ value, name, id: key }) =>
    [`key ${sha256(value)}`, `key ${key}`, `key ${id} ${name}`].some((text) => ledger.claim(text, id)),
  ).length

const KEY_TAKEN = 'its id, its name or the key itself is taken'

const METHODS = { authApp: 'an authenticator', sms: 'SMS', email: 'mail' }

/** Counts what was taken of a person, and names what was not. */
function account(
  { run, tally, people }: Work,
  { person, own, lost }: { person: ImportedPerson; own: Belongings; lost: number },
): void {
  const name = called(people, person)
  const left = [...own.left, ...Array.from({ length: lost }, () => ({ part: 'API keys' as Part, why: KEY_TAKEN }))]
  for (const { part, why } of left) {
    tally.parts[part].left++
    run.say(`${name}: left out of its ${part}: ${why}`)
  }
  for (const loss of person.losses) run.say(`${name}: taken over, but for this: ${loss}`)
  for (const remark of person.remarks) run.say(`${name}: ${remark}`)
  if (own.factor && !isUsable(run.ctx, defaultPolicy(run.ctx), own.factor.kind))
    run.say(
      `${name}: cannot sign in until ${METHODS[own.factor.kind]} can be used here as a second step: see the settings`,
    )
  tally.people[people].taken++
  if (person.losses.length > 0) tally.incomplete++
  if (own.picture) tally.parts.avatars.taken++
  if (own.preferences) tally.parts.preferences.taken++
  if (own.factor) tally.parts['second steps'].taken++
  tally.parts['API keys'].taken += own.keys.length - lost
}

interface Named {
  id?: string | null
  email?: string | null
}

function leave({ run, tally, people }: Work, row: Named, why: string): void {
  tally.people[people].left++
  run.say(`${called(people, row)}: left out: ${why}`)
}

/** Runs what may find a row bad: the row is named then, and the rest goes on. */
async function unlessBad(work: Work, row: Named, does: () => Promise<void>): Promise<void> {
  try {
    await does()
  } catch (error) {
    if (!(error instanceof BadRow)) throw error
    leave(work, row, error.message)
  }
}

/** A row that the database turns down is only that; a database that is gone would turn down every row. */
async function asBadRow(run: Run, error: unknown): Promise<BadRow> {
  if (error instanceof BadRow) return error
  if (!(await run.ctx.database.isReachable())) throw error
  const { code, name } = error as { code?: string; name?: string }
  return new BadRow(`it could not be written (${code ?? name})`)
}

/** How many API keys were lost on the way; null when somebody took the id or the address since it was judged. */
async function kept({ run, people }: Work, person: ImportedPerson, own: Belongings, password: string | null) {
  try {
    return run.ledger ? pretend(run.ledger, person, own) : await keep(run.ctx, people, person, own, password)
  } catch (error) {
    if (isRefusal(error, 'account.exists')) return null
    throw await asBadRow(run, error)
  }
}

async function take(work: Work, person: ImportedPerson, password: string | null): Promise<void> {
  const { run, tally, people } = work
  const own = await belongingsOf(run.ctx, { source: run.source, people, person })
  await unlessBad(work, person, async () => {
    const lost = await kept(work, person, own, password)
    if (lost !== null) return account(work, { person, own, lost })
    // Another row of this page has it, or the running house: which of both says whether it is left out.
    await judge(run, people, person)
    tally.people[people].here++
  })
}

async function takePage(work: Work, rows: readonly SourceRow[]): Promise<void> {
  const { run, tally, people } = work
  const wanted: ImportedPerson[] = []
  for (const row of rows)
    await unlessBad(work, row, async () => {
      const person = personIn(row, people)
      if ((await judge(run, people, person)) === 'new') wanted.push(person)
      else tally.people[people].here++
    })
  const hashes = run.ledger ? new Map<ImportedPerson, string>() : await passwordsOf(run.ctx, wanted)
  for (const person of wanted) await take(work, person, hashes.get(person) ?? null)
  // What is reported as taken survives a power cut.
  await run.ctx.database.durable()
}

async function takeAll(work: Work): Promise<void> {
  const { run, tally, people } = work
  const { source, progress, say } = run
  const total = await source.count(tables[people].people)
  tally.people[people].found = total
  const nameless = await source.countNameless(people)
  if (nameless > 0) {
    tally.people[people].left += nameless
    say(`${nameless} ${people}s without an id: left out`)
  }
  let done = nameless
  for (let after = ''; ; ) {
    const rows = await source.page(people, after, PAGE)
    const last = rows.at(-1)?.id
    progress.at(`${people}s`, rows.length === 0 ? total : done, total)
    if (!last) return
    if (last === after) throw new Error(`the ids of the ${people}s cannot be read beyond ${shown(after)}`)
    await takePage(work, rows)
    done += rows.length
    after = last
  }
}

/** Takes over everybody: users first, so that an address that both populations have is theirs. */
export async function importOpenWifi(run: Run): Promise<Tally> {
  const tally = emptyTally()
  for (const people of ['user', 'subscriber'] as const) await takeAll({ run, tally, people })
  await nameLeftovers(run)
  return tally
}
