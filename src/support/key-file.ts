import { countSealed, noteKeyFile, rewrap } from '#src/domain/house/house.ts'
import { progressOn } from '#src/import/progress.ts'
import { freshKey, KEY_FILE_EVERY, type KeyFile, keyFileIn, readKeyFile, replaceKeyFile } from '#src/key-file.ts'
import { counted, plain, rowsOf } from './text.ts'
import { type Desk, NotDone, type Verb } from './verb.ts'

// Each server has looked by then, and once more.
const KNOWN_AFTER = 3 * KEY_FILE_EVERY

const steps = [
  'A key is changed in four steps, while everything runs: add; then, when every node has the new key file, use; then',
  'rewrap; then drop. Servers take over a changed file within ten seconds, without a restart. The pepper in the file is not',
  'changed by this: docs/operating.md says why.',
]

/** Changes the key file of this house, and has that on record. */
async function change({ ctx, operator, origin }: Desk, change: (file: KeyFile) => { file: KeyFile; detail: string }) {
  const path = keyFileIn(ctx.config.data)
  const { file, detail } = change(readKeyFile(path))
  replaceKeyFile(path, file)
  await noteKeyFile(ctx, { caller: operator, origin, detail })
}

function keyNamed(file: KeyFile, name: string): KeyFile['keys'][number] {
  const found = file.keys.find((key) => key.name === name)
  if (!found)
    throw new NotDone(`There is no key ${plain(name)}. There are: ${file.keys.map((key) => key.name).join(', ')}.`)
  return found
}

const others = (file: KeyFile, name: string): KeyFile['keys'] => file.keys.filter((key) => key.name !== name)

/** Names are counted up, also beyond those that were dropped: an old one must never be mistaken for a new one. */
const highestName = ({ keys, named = 0 }: KeyFile): number =>
  Math.max(named, ...keys.map(({ name }) => Number(/^k(\d+)$/.exec(name)?.[1] ?? 0)))

/** Is it so short a time ago that some server may not have seen it? */
const isJustNow = ({ ctx }: Desk, at: string | undefined): boolean =>
  at !== undefined && ctx.clock.now() - Date.parse(at) < KNOWN_AFTER

/** Refuses to drop the key that seals, and any while servers may still seal under it. */
function judgeDrop(desk: Desk, file: KeyFile, name: string): void {
  keyNamed(file, name)
  const [sealing] = file.keys
  if (sealing!.name === name) throw new NotDone(`${name} is the key that seals: use another one first.`)
  if (isJustNow(desk, sealing!.used))
    throw new NotDone(
      `${sealing!.name} seals only since just now, and a server that has not seen that seals under ${name}: wait half a minute.`,
    )
}

const counting = async ({ ctx }: Desk) => {
  const progress = progressOn(process.stderr, () => performance.now())
  const counts = await countSealed(ctx, (table, ...at) => progress.at(`looking at ${table}`, ...at))
  progress.clear()
  return counts
}

export const keyFileList: Verb = {
  takes: '',
  subject: 'none',
  what: 'show the keys of the key file by name, and how much is sealed under each',
  more: ['It reads everything that is sealed: on a large house that takes minutes. The keys themselves are not shown.'],
  examples: ['key-file list'],
  options: [],
  plan: () => async (desk) => {
    const file = readKeyFile(keyFileIn(desk.ctx.config.data))
    const counts = await counting(desk)
    const rows = file.keys.map(({ name, made }, place) => {
      const uses = `${counted(counts.get(name) ?? 0, 'text')} sealed under it`
      return [name, [place === 0 ? 'seals' : 'opens', uses, ...(made ? [`made ${made}`] : [])].join(', ')] as const
    })
    for (const line of rowsOf(rows)) desk.say(line)
  },
}

export const keyFileAdd: Verb = {
  takes: '[--by NAME]',
  subject: 'none',
  what: 'put a new key into the key file, that opens and does not seal yet',
  more: [...steps, 'With several nodes, copy the file to each of them after this.'],
  examples: ['key-file add'],
  options: ['by'],
  plan: () => async (desk) => {
    let name = ''
    await change(desk, (file) => {
      name = `k${highestName(file) + 1}`
      const made = new Date(desk.ctx.clock.now()).toISOString()
      return { file: { ...file, keys: [...file.keys, { name, key: freshKey(), made }] }, detail: `${name} added` }
    })
    desk.say(
      `The key ${name} is there. Copy the key file to every node, wait half a minute, then: key-file use ${name}`,
    )
  },
}

export const keyFileUse: Verb = {
  takes: 'KEY [--by NAME]',
  what: 'seal under this key from now on; the others still open',
  more: [
    'It is refused in the first half minute of a key: a server that has not seen it could not open what others seal.',
  ],
  examples: ['key-file use k2'],
  options: ['by'],
  plan:
    ({ subject }) =>
    async (desk) => {
      await change(desk, (file) => {
        const key = keyNamed(file, subject)
        if (isJustNow(desk, key.made))
          throw new NotDone(`${subject} is only just there: wait until every server has seen it, half a minute.`)
        const used = new Date(desk.ctx.clock.now()).toISOString()
        return { file: { ...file, keys: [{ ...key, used }, ...others(file, subject)] }, detail: `${subject} seals` }
      })
      desk.say(
        `${subject} seals from now on. Copy the key file to every node, wait half a minute, then: key-file rewrap`,
      )
    },
}

export const keyFileRewrap: Verb = {
  takes: '',
  subject: 'none',
  what: 'seal everything anew under the key that seals, beside the running server',
  more: ['It can be stopped at any time, and begun again.'],
  examples: ['key-file rewrap'],
  options: [],
  plan: () => async (desk) => {
    const { ctx, say } = desk
    const progress = progressOn(process.stderr, () => performance.now())
    const { done, lost } = await rewrap(ctx, (table, ...at) => progress.at(`rewrapping ${table}`, ...at))
    progress.clear()
    say(`${counted(done, 'text')} sealed anew under ${ctx.secrets.sealer.current}.`)
    if (lost.length > 0)
      throw new NotDone(
        `Nothing opens ${counted(lost.length, 'text')}: sealed under a key that is not here, or damaged. The first: ${plain(lost[0]!)}`,
      )
  },
}

export const keyFileDrop: Verb = {
  takes: 'KEY [--by NAME]',
  what: 'take a key out of the key file that nothing is sealed under any more',
  more: [
    'Backups of the database from before still need it: keep the old key file with them. It is refused in the first half',
    'minute after use: a server that has not seen that still seals under the old key.',
  ],
  examples: ['key-file drop k1'],
  options: ['by'],
  plan:
    ({ subject }) =>
    async (desk) => {
      judgeDrop(desk, readKeyFile(keyFileIn(desk.ctx.config.data)), subject)
      const left = (await counting(desk)).get(subject) ?? 0
      if (left > 0) throw new NotDone(`${counted(left, 'text')} sealed under ${subject}: key-file rewrap first.`)
      await change(desk, (file) => {
        // Once more: to count takes minutes.
        judgeDrop(desk, file, subject)
        const rest = { ...file, keys: others(file, subject), named: highestName(file) }
        return { file: rest, detail: `${subject} dropped` }
      })
      desk.say(`${subject} is gone from the key file. Older backups need the old file: keep it with them.`)
    },
}
