import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startProcess } from '../demo/server-process.ts'
import { program } from './house.ts'
import { median } from './load.ts'
import { processorTimeOf, residentOf } from './process-figures.ts'
import { type Report, spread } from './report.ts'

const ROUNDS = 10
const START = 600
const IDLE = 120
const SETTLED = 10_000

/** Milliseconds until a bare server has answered: what the runtime itself takes of a start. */
async function bareStart(): Promise<number> {
  const started = performance.now()
  const bare = program('./bare-http.ts', ['{}'])
  await (await fetch((await bare.line).replace('ready at ', ''))).text()
  const spent = performance.now() - started
  bare.end()
  return spent
}

/** From the start of the process to its first answer, on a data folder that it has served before; and its memory at rest. */
export async function benchStart(report: Report): Promise<void> {
  console.log('from the start of the process to its first answer, and its memory at rest')
  const folder = mkdtempSync(join(tmpdir(), 'chatelaine-bench-'))
  const settings = {
    CHATELAINE_LISTEN: '127.0.0.1:0',
    CHATELAINE_DATA: folder,
    CHATELAINE_ROOT_EMAIL: 'root@example.org',
    CHATELAINE_ROOT_PASSWORD: 'First-Password-1',
  }
  const [own, bare, processor]: [number[], number[], number[]] = [[], [], []]
  try {
    // The first makes the database, the second compiles and keeps what it compiled.
    for (let n = 0; n < 2; n++) await (await startProcess(settings)).end('SIGTERM')
    for (let round = 0; round < ROUNDS; round++) {
      bare.push(await bareStart())
      const started = performance.now()
      const server = await startProcess(settings)
      await (await fetch(`${server.url}/api/v1/validateToken?token=nobodys`)).text()
      own.push(performance.now() - started)
      processor.push(processorTimeOf(server.pid))
      await server.end('SIGTERM')
    }
    const value = median(own)
    const cpu = `${Math.round(median(processor))} ms of processor time`
    const beside = `${cpu}; a bare server ${Math.round(median(bare))} ms; ${ROUNDS} starts ${spread(own, 0)}`
    report('cold start to the first answer, ms', value, `≤ ${START}`, value <= START, beside)
    const server = await startProcess(settings)
    await new Promise((resolve) => setTimeout(resolve, SETTLED))
    const resident = residentOf(server.pid)
    await server.end('SIGTERM')
    report('resident memory at rest, MB', resident, `≤ ${IDLE}`, resident <= IDLE, 'ten seconds after a start')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
