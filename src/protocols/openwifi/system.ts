import { X509Certificate } from 'node:crypto'
import { availableParallelism, hostname, type as systemName } from 'node:os'
import { z } from 'zod'
import type { Context, Renewable } from '#src/context.ts'
import { judgeOperator, reloadHouse, setLogLevels } from '#src/domain/operating.ts'
import { type Asker, type Endpoint, endpoint, type Incoming } from '#src/http/endpoint.ts'
import { toEpochSeconds } from '#src/lib/clock.ts'
import { isLevelName, levelNames } from '#src/lib/log.ts'
import { subsystems } from '#src/lib/subsystems.ts'
import { version } from '#src/lib/version.ts'
import { Done, done } from './done.ts'
import { text } from './input.ts'
import { complaint } from './refuse.ts'

const Info = z.object({
  UI: z.string(),
  certificates: z.array(z.object({ expiresOn: z.int(), filename: z.string() })),
  hostname: z.string(),
  os: z.string(),
  processors: z.int(),
  start: z.int(),
  uptime: z.int(),
  version: z.string(),
})

const Resources = z.object({
  currRealMem: z.int(),
  currVirtMem: z.int(),
  numberOfFileDescriptors: z.int(),
  peakRealMem: z.int(),
  peakVirtMem: z.int(),
})

const Extra = z.object({ additionalConfiguration: z.boolean() })

function certificatesOf(ctx: Context): z.output<typeof Info>['certificates'] {
  const shown = ctx.house.certificate()
  if (shown === null) return []
  return [{ expiresOn: toEpochSeconds(new X509Certificate(shown).validToDate.getTime()), filename: 'cert.pem' }]
}

const info = async (ctx: Context): Promise<z.output<typeof Info>> => {
  const { config, house } = ctx
  const start = toEpochSeconds(house.started)
  return {
    UI: config.uiUrl ?? config.publicUrl ?? '',
    certificates: certificatesOf(ctx),
    hostname: hostname(),
    os: systemName(),
    processors: availableParallelism(),
    start,
    uptime: toEpochSeconds(ctx.clock.now()) - start,
    version,
  }
}

async function resources({ house }: Context): Promise<z.output<typeof Resources>> {
  const used = await house.resources()
  return {
    currRealMem: used.realMemory,
    currVirtMem: used.virtualMemory,
    numberOfFileDescriptors: used.openFiles,
    peakRealMem: used.peakRealMemory,
    peakVirtMem: used.peakVirtualMemory,
  }
}

const questions: Record<string, (ctx: Context) => Promise<unknown>> = {
  info,
  extraconfiguration: async (): Promise<z.output<typeof Extra>> => ({ additionalConfiguration: false }),
  resources,
}

const own = <T>(table: Record<string, T>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined

interface Commanded {
  caller: Asker
  incoming: Incoming
  subsystems: unknown
}

const Wish = z.object({ tag: z.string(), value: z.string().transform((value) => value.toLowerCase()) })

async function setLevels(ctx: Context, { caller, incoming, subsystems: wanted }: Commanded) {
  judgeOperator(caller.account)
  if (!Array.isArray(wanted)) throw complaint(1018)
  const wishes = wanted.flatMap((one) => {
    const { data } = Wish.safeParse(one)
    return data && isLevelName(data.value) ? [{ subsystem: data.tag, level: data.value }] : []
  })
  await setLogLevels(ctx, { caller: caller.account, origin: incoming.origin, wishes })
  return done('POST')
}

const EVERYTHING: readonly Renewable[] = ['certificate', 'templates']

/** What is read again for a subsystem, by its name in small letters. */
const renewed: Record<string, readonly Renewable[]> = {
  daemon: EVERYTHING,
  restapi_extserver: ['certificate'],
  restapi_intserver: ['certificate'],
  smtpmailer: ['templates'],
  smssender: ['templates'],
  actionlinkmanager: ['templates'],
}

async function reload(ctx: Context, { caller, incoming, subsystems: wanted }: Commanded) {
  judgeOperator(caller.account)
  const names: readonly unknown[] = Array.isArray(wanted) ? wanted : ['daemon']
  const known = names.filter((name) => typeof name === 'string')
  const parts = new Set(known.flatMap((name) => own(renewed, name.toLowerCase()) ?? []))
  await reloadHouse(ctx, { caller: caller.account, origin: incoming.origin, parts })
  return done('POST')
}

const commands: Record<string, (ctx: Context, commanded: Commanded) => Promise<unknown>> = {
  setloglevel: setLevels,
  getloglevels: async (ctx) => ({
    tagList: ctx.log.levels().map(({ subsystem, level }) => ({ tag: subsystem, value: level })),
  }),
  getloglevelnames: async () => ({ list: levelNames }),
  getsubsystemnames: async () => ({ list: subsystems.map((name) => name.toLowerCase()) }),
  reload,
}

const Tags = z.object({ tagList: z.array(z.object({ tag: z.string(), value: z.string() })) })
const List = z.object({ list: z.array(z.string()) })

/** What the server tells of itself, and how it is turned while it runs. */
export const system: readonly Endpoint[] = [
  endpoint({
    at: 'GET /system',
    what: 'Version, uptime and certificates (info), memory (resources), further configuration (extraConfiguration)',
    who: 'a session, key or service',
    in: { query: z.object({ command: text() }) },
    out: z.union([Info, Resources, Extra]),
    async does(ctx, { query }) {
      const answer = own(questions, (query.command ?? '').toLowerCase())
      if (!answer) throw complaint(1031)
      return answer(ctx)
    },
  }),
  endpoint({
    at: 'POST /system',
    what: 'Log levels per subsystem; reading certificate and templates again',
    who: 'a session, key or service',
    in: { body: z.object({ command: text(), subsystems: z.unknown().optional() }).optional() },
    out: z.union([Done, Tags, List]),
    async does(ctx, { body }, caller, incoming) {
      if (!body) throw complaint(1002)
      if (body.command === undefined) throw complaint(1031)
      const obey = own(commands, body.command.toLowerCase())
      if (!obey) throw complaint(1018)
      return obey(ctx, { caller, incoming, subsystems: body.subsystems })
    },
  }),
]
