import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { awaitFreshStep } from '../demo/person.ts'
import { freePort } from '../demo/server-process.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const page = readFileSync(join(root, 'docs/mailbox.md'), 'utf8')
const blocks = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, text]) => text!)

const missing = ['bash', 'curl', 'jq'].filter((tool) => spawnSync(tool, ['--version']).status !== 0)

/** Half minutes are not waited for: the code before the present one, this one and the next are all good now. */
function hurried(text: string): string {
  const turned: readonly (readonly [RegExp, string])[] = [
    [/^sleep 30$/gm, 'steps=$((steps + 1))'],
    [/secret=\$\(/g, 'steps=0; secret=$('],
    [/\.generate\(\)/g, '.generate({ timestamp: Date.now() + 30000 * ($steps - 1) })'],
  ]
  return turned.reduce((told, [what, instead]) => {
    assert.match(told, what)
    return told.replace(what, instead)
  }, text)
}

/** What a step printed, and what the page says that it prints. */
interface Step {
  printed: string
  promised: string[]
}

function stepsOf(output: string): Step[] {
  const steps: Step[] = [{ printed: '', promised: [] }]
  for (const line of output.split('\n')) {
    const last = steps.at(-1)!
    if (line.startsWith('=> ')) last.promised.push(line.slice(3))
    else if (last.promised.length === 0) last.printed += `${line}\n`
    else steps.push({ printed: `${line}\n`, promised: [] })
  }
  return steps
}

describe('the walk of docs/mailbox.md', { skip: missing.length > 0 && `it needs ${missing.join(', ')}` }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'chatelaine-walk-'))
  const children: ChildProcess[] = []
  let places: readonly (readonly [string, string])[] = []
  const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` }

  const placed = (text: string): string => places.reduce((told, [from, to]) => told.replaceAll(from, to), text)

  /** Runs a block in a terminal of its own, until it prints something. */
  function open(text: string, ready: RegExp): Promise<void> {
    // A group of its own, to be ended whole.
    const child = spawn('bash', ['-c', placed(text)], { cwd: root, env, detached: true })
    children.push(child)
    return new Promise((resolve, reject) => {
      let printed = ''
      const hear = (part: Buffer) => {
        printed += part
        if (ready.test(printed)) resolve()
      }
      child.stdout.on('data', hear)
      child.stderr.on('data', hear)
      child.on('exit', () => reject(new Error(printed)))
    })
  }

  before(async () => {
    places = [
      ['/tmp/chatelaine', folder],
      ['2525', String(await freePort())],
      ['16001', String(await freePort())],
    ]
  })
  after(() => {
    for (const { pid } of children) if (pid) process.kill(-pid, 'SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })

  it('leads from the first sign-in to a new phone, and prints what it says', { timeout: 120_000 }, async () => {
    const [catcher = '', server = '', ...rest] = blocks
    assert.match(server, /^npm start$/m)
    const started = server.replace('npm start', `CHATELAINE_LISTEN=127.0.0.1:16001 exec node src/main.mjs`)
    const listening = catcher.replace(
      ".listen(2525, '127.0.0.1')",
      ".listen(2525, '127.0.0.1', () => console.log('open'))",
    )
    await open(listening, /open/)
    await open(started, /ready at/)
    await awaitFreshStep()
    const script = hurried(rest.join('\n')).replace(/^# -> (.*)$/gm, (_line, promised) => `echo '=> ${promised}'`)
    const { stdout, stderr } = await new Promise<{ stdout: string; stderr: string }>((resolve) => {
      const walker = spawn('bash', ['-c', placed(script)], { cwd: root, env })
      let [stdout, stderr] = ['', '']
      walker.stdout.on('data', (part) => {
        stdout += part
      })
      walker.stderr.on('data', (part) => {
        stderr += part
      })
      walker.on('close', () => resolve({ stdout, stderr }))
    })
    const steps = stepsOf(stdout).filter(({ printed, promised }) => printed.trim() !== '' || promised.length > 0)
    for (const { printed, promised } of steps) {
      assert.notEqual(promised.length, 0, `printed, and not said: ${printed}`)
      for (const words of promised) assert.ok(printed.includes(words), `${words}, and not: ${printed}${stderr}`)
    }
    assert.equal(steps.flatMap(({ promised }) => promised).length, page.match(/^# -> /gm)?.length)
    assert.equal(stderr, '')
  })
})
