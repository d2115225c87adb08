import { useTranslation } from 'react-i18next'
import { dayIn, momentOf, relative } from '../../parts/times.tsx'
import { nearnessOf, shownNetwork } from './networks.ts'
import { isAgentHeader, readAgent } from './user-agent.ts'

/** The words for what only data knows, such as an event; null where there are none. */
export function useWordsFor() {
  const { t, i18n } = useTranslation('security')
  const loose = t as unknown as (key: string, options?: object) => string
  return (key: string, options: { count?: number } = {}): string | null =>
    i18n.exists(key, { ns: 'security', ...options }) ? loose(key, options) : null
}

/** What the server knows of devices, places, protocols and times, as people say it. */
export function useInWords() {
  const { t, i18n } = useTranslation('security')
  const wordsFor = useWordsFor()
  const agent = (header: string): string => {
    const read = readAgent(header)
    if (!read) return t('sessions.unknown')
    const { client, system } = read
    return system ? t('sessions.browserOn', { client, system }) : client
  }
  return {
    agent,
    /** a trusted browser, by the name that somebody or else the browser itself gave it */
    device: (name: string): string => (isAgentHeader(name) ? agent(name) : name),
    place: (network: string): string => t(`place.${nearnessOf(network)}`, { network: shownNetwork(network) }),
    protocol: (name: string): string => wordsFor(`protocols.${name}`) ?? name,
    when: (at: string): string => {
      const moment = momentOf(at)
      return moment ? relative(moment, i18n.language) : t('never', { ns: 'common' })
    },
    date: (at: string): string => {
      const moment = momentOf(at)
      return moment ? dayIn(i18n.language, moment) : ''
    },
    dateAndTime: (at: string): string => {
      const moment = momentOf(at)
      const form = { dateStyle: 'long', timeStyle: 'short' } as const
      return moment ? new Intl.DateTimeFormat(i18n.language, form).format(moment) : ''
    },
    /** at the beginning of a line */
    capitalised: (text: string): string => text.charAt(0).toLocaleUpperCase(i18n.language) + text.slice(1),
    list: (items: readonly string[]): string => new Intl.ListFormat(i18n.language).format(items),
  }
}
