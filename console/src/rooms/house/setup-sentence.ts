import type { TFunction } from 'i18next'
import type { SetupItem } from './calls.ts'
import type house from './words/en.ts'

export type SetupCode = keyof (typeof house)['setup']

const isOver = (expires: unknown): boolean => typeof expires === 'number' && expires <= Date.now()

/** How something stands, in a sentence. */
export function sentenceOf(t: TFunction<'house'>, { code: name, state, facts }: SetupItem): string {
  const code = name as SetupCode
  const values = { sender: String(facts.sender ?? ''), url: String(facts.url ?? '') }
  if (code === 'tls' && facts.how === 'proxy') return t('setup.tls.proxy')
  if (code === 'tls' && state === 'missing' && isOver(facts.expires)) return t('setup.tls.expired')
  if (code === 'tls' && state === 'advice' && facts.how === 'certificate') return t('setup.tls.soon')
  if (code === 'database' && facts.engine === 'postgres') return t('setup.database.postgres')
  const isUnused = state === 'ok' && facts.inUse === false
  if (isUnused && (code === 'gateway' || code === 'guests' || code === 'trusted-proxies'))
    return t(`setup.${code}.unused`)
  return t(`setup.${code}.${state}`, values)
}
