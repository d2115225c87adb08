import { type Config, type Setting, settings } from './config.ts'

// The settings as people read them: masked, as an example file, as a page of the docs.

const groupNames = [...new Set(settings.map(({ group }) => group))]

const unset = (setting: Setting): unknown => {
  const result = setting.schema.safeParse(undefined)
  return result.success ? result.data : undefined
}

/** A value as it would be written down. */
export const asText = (value: unknown): string => {
  if (value === undefined) return ''
  if (value instanceof Map) return [...value].map((pair) => pair.join('=')).join(',')
  if (Array.isArray(value)) return value.map(asText).join(',')
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (typeof value !== 'object' || value === null) return String(value)
  if ('level' in value && 'name' in value) return `${value.name}=${value.level}`
  const { host, ip, port } = value as { host: string; ip?: string; port: number }
  const at = (name: string) => `${name.includes(':') ? `[${name}]` : name}:${port}`
  return ip === undefined ? at(host) : `${host}=${at(ip)}`
}

const masked = (value: unknown, hidden: Setting['hidden']): string => {
  const text = asText(value)
  if (text === '' || !hidden) return text
  return hidden === 'secret' ? '********' : text.replace(/\/\/([^:@/]*):[^@/]*@/, '//$1:********@')
}

/** The settings in force, a line each, secrets masked: what `chatelaine config` prints. */
export const printedConfig = (config: Config): string =>
  settings.map((setting) => `${setting.env}=${masked(config[setting.name as keyof Config], setting.hidden)}`).join('\n')

/** One setting in force as text, by its environment name; null for one that is hidden or does not exist. */
export function shownSetting(config: Config, env: string): string | null {
  const setting = settings.find((one) => one.env === env)
  if (!setting || setting.hidden) return null
  // Nobody should, but somebody will write a password into one of the plainer addresses.
  return asText(config[setting.name as keyof Config]).replace(/\/\/[^/\s,|]*@/g, '//')
}

const defaultOf = (setting: Setting): string => asText(unset(setting))

/** The text of `.env.example`. */
export const environmentExample = (): string =>
  groupNames
    .map((group) => {
      const lines = settings
        .filter((setting) => setting.group === group)
        .map((setting) => `# ${setting.meaning}\n#${setting.env}=${defaultOf(setting)}`)
      return `## ${group}\n\n${lines.join('\n')}\n`
    })
    .join('\n')

/** The tables of docs/settings.md. */
export const settingsPage = (): string =>
  `# Settings\n\nMade from src/config.ts by \`npm run settings\`; a test fails when it is stale. All are environment variables. A wrong value refuses to start, and every fault is listed.\n\n${groupNames
    .map((group) => {
      const rows = settings
        .filter((setting) => setting.group === group)
        .map(
          (setting) =>
            `| \`${setting.env}\` | ${defaultOf(setting) === '' ? '' : `\`${defaultOf(setting)}\``} | ${setting.meaning.replaceAll('|', '\\|')} |`,
        )
      return `## ${group}\n\n| setting | default | meaning |\n|---|---|---|\n${rows.join('\n')}\n`
    })
    .join('\n')}`
