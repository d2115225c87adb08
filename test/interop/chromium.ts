import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from 'ws'

/** Null where there is none in the PATH. */
export const chromium: string | null =
  ['chromium', 'chromium-browser', 'google-chrome'].find(
    (name) => spawnSync(name, ['--version'], { timeout: 20_000 }).status === 0,
  ) ?? null

interface Answer {
  id?: number
  result?: Record<string, unknown>
  error?: { message: string }
}

/** A page of a real browser, spoken to by the DevTools protocol. */
export interface Page {
  send(method: string, params?: Record<string, unknown>): Promise<Record<string, unknown>>
  /** The value of an expression in the page, awaited. */
  evaluate(expression: string): Promise<unknown>
  close(): Promise<void>
}

const STARTS_WITHIN = 30_000

/** Where a starting browser says that it listens. */
function devTools(browser: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    const late = setTimeout(() => reject(new Error(`the browser did not start: ${said}`)), STARTS_WITHIN)
    browser.stderr!.on('data', (chunk: Buffer) => {
      said += chunk
      const [, url] = /DevTools listening on (ws:\S+)/.exec(said) ?? []
      if (!url) return
      clearTimeout(late)
      resolve(url)
    })
    browser.on('exit', () => reject(new Error(`the browser ended: ${said}`)))
  })
}

async function firstPage(browserUrl: string): Promise<string> {
  for (let waited = 0; waited < STARTS_WITHIN; waited += 50) {
    const targets = await fetch(`http://${new URL(browserUrl).host}/json/list`)
    const pages = (await targets.json()) as { type: string; webSocketDebuggerUrl: string }[]
    const page = pages.find(({ type }) => type === 'page')
    if (page) return page.webSocketDebuggerUrl
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('the browser has no page')
}

async function connect(url: string) {
  const socket = new WebSocket(url)
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  const waiting = new Map<number, (answer: Answer) => void>()
  let last = 0
  socket.on('message', (data) => {
    const answer = JSON.parse(String(data)) as Answer
    if (answer.id !== undefined) waiting.get(answer.id)?.(answer)
  })
  return {
    async send(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
      const id = ++last
      const answer = await new Promise<Answer>((resolve) => {
        waiting.set(id, resolve)
        socket.send(JSON.stringify({ id, method, params }))
      })
      waiting.delete(id)
      if (answer.error) throw new Error(`${method}: ${answer.error.message}`)
      return answer.result ?? {}
    },
    close: () => socket.close(),
  }
}

/** Starts a browser without a window, with a profile of its own, at an address of this machine. */
export async function openPage(program: string, address: string): Promise<Page> {
  const profile = mkdtempSync(join(tmpdir(), 'chatelaine-browser-'))
  const browser = spawn(
    program,
    [
      '--headless=new',
      '--no-sandbox',
      '--no-first-run',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--disable-component-update',
      '--no-proxy-server',
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const ended = new Promise((resolve) => browser.once('exit', resolve))
  const end = async () => {
    browser.kill('SIGKILL')
    await ended
    rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
  try {
    const { send, close } = await connect(await firstPage(await devTools(browser)))
    const evaluate = async (expression: string) => {
      const wanted = { expression, awaitPromise: true, returnByValue: true, userGesture: true }
      const { result, exceptionDetails } = (await send('Runtime.evaluate', wanted)) as {
        result: { value?: unknown }
        exceptionDetails?: { exception?: { description?: string } }
      }
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? 'the page threw')
      return result.value
    }
    await send('Page.enable')
    await send('Page.navigate', { url: address })
    for (let waited = 0; waited < STARTS_WITHIN; waited += 50) {
      const place = await evaluate('document.readyState === "complete" ? location.href : ""')
      if (String(place).startsWith(address)) break
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    return {
      send,
      evaluate,
      async close() {
        close()
        await end()
      },
    }
  } catch (error) {
    await end()
    throw error
  }
}
