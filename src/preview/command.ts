import { spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { BadSettings, readConfig } from '#src/config.ts'
import { type TemplateName, templateNames, type Writer } from '#src/domain/messages/messages.ts'
import { systemClock } from '#src/lib/clock.ts'
import { nearest } from '#src/lib/nearest.ts'
import type { Terminal } from '#src/support/terminal.ts'
import { previewOf } from './preview.ts'
import { writePreview } from './writing.ts'

export const usage = `chatelaine mail preview [NAME] [--language LANGUAGE] [--templid NUMBER] [--to FOLDER | --open]

Writes every mail and SMS with made-up values, as your templates have it: .html, .txt and .eml of each, and index.html
that shows all of them at the width of a telephone and of a desktop. Lists what is wrong with your templates.

  NAME                 only this one; several are possible
  --language LANGUAGE  only in this language, such as de
  --templid NUMBER     with this template set
  --to FOLDER          write there, over what an earlier preview wrote; a new folder for each preview otherwise
  --open               show it in a browser

It reads the settings, and needs neither the database nor the key file. It ends with 1 when something is wrong with a
template, and with 2 when it was called wrongly. docs/templates.md has the names.`

const FINE = 0
const FLAWED = 1
const MISUSED = 2

class Misuse extends Error {}

interface Wish {
  names: readonly TemplateName[]
  languages: readonly string[] | null
  set: number | null
  folder: string | null
  isShown: boolean
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        language: { type: 'string' },
        templid: { type: 'string' },
        to: { type: 'string' },
        open: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    throw new Misuse((error as Error).message.split('.')[0])
  }
}

function templateNamed(name: string): TemplateName {
  const found = templateNames.find((one) => one === name)
  if (found) return found
  const meant = nearest(name, templateNames)
  throw new Misuse(`There is no mail "${name}"${meant ? `; did you mean ${meant}?` : `: ${templateNames.join(', ')}.`}`)
}

/** What was typed; null when it asks how to ask. */
function wishIn(args: readonly string[]): Wish | null {
  const { positionals, values } = read(args)
  const [verb, ...names] = positionals
  if (values.help || verb === 'help' || verb === undefined) return null
  if (verb !== 'preview') throw new Misuse(`There is no "mail ${verb}".`)
  const { language, templid, to, open } = values
  if (language !== undefined && !/^[a-z]{2,3}$/.test(language)) throw new Misuse('A language is one such as de.')
  if (templid !== undefined && !/^\d{1,6}$/.test(templid))
    throw new Misuse('The number of a template set is one such as 2.')
  return {
    names: names.length > 0 ? names.map(templateNamed) : templateNames,
    languages: language === undefined ? null : [language],
    set: templid === undefined ? null : Number(templid),
    folder: to === undefined ? null : resolve(to),
    isShown: open,
  }
}

const openers: Partial<Record<NodeJS.Platform, string>> = { darwin: 'open', win32: 'explorer' }

/** Shows a file as the desktop does; where there is none, its place has been told anyway. */
function show(file: string): void {
  const shown = spawn(openers[process.platform] ?? 'xdg-open', [file], { detached: true, stdio: 'ignore' })
  shown.on('error', () => {})
  shown.unref()
}

async function preview(wish: Wish, environment: Record<string, string | undefined>, terminal: Terminal) {
  const quiet = { error: ignore, warn: ignore, info: ignore, debug: ignore }
  const ctx = { config: readConfig(environment), clock: systemClock, log: quiet } as unknown as Writer
  const { letters, flaws } = previewOf(ctx, wish)
  const folder = wish.folder ?? mkdtempSync(join(tmpdir(), 'chatelaine-mails-'))
  const index = await writePreview(ctx, { letters, flaws, folder })
  terminal.say(`${letters.length} mails and SMS: ${index}`)
  for (const { file, problem } of flaws) terminal.complain(`${file} ${problem}`)
  if (wish.isShown) show(index)
  return flaws.length > 0 ? FLAWED : FINE
}

const ignore = (): void => {}

/** `chatelaine mail …`; returns the exit code. Faults of the settings are thrown. */
export async function mailCommand({
  args,
  environment,
  terminal,
}: {
  args: readonly string[]
  environment: Record<string, string | undefined>
  terminal: Terminal
}): Promise<number> {
  try {
    const wish = wishIn(args)
    if (wish) return await preview(wish, environment, terminal)
    terminal.say(usage)
    return FINE
  } catch (error) {
    if (error instanceof BadSettings) throw error
    if (!(error instanceof Misuse)) {
      terminal.complain(`It could not be done: ${(error as Error).message}`)
      return FLAWED
    }
    terminal.complain(`${error.message}\n\`chatelaine mail help\` explains how it is called.`)
    return MISUSED
  }
}
