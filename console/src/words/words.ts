import i18next, { type BackendModule } from 'i18next'
import { initReactI18next } from 'react-i18next'

/** The languages of the console, each in its own words. */
export const languages = { en: 'English', de: 'Deutsch' } as const
export type Language = keyof typeof languages

const KEPT = 'language'

// Each room has its words with it, and they are loaded with it; so has what several rooms use.
const files = import.meta.glob<{ default: object }>([
  '../rooms/*/words/*.ts',
  '../enrolment/words/*.ts',
  './common/*.ts',
])

const places: Record<string, string> = { common: './common', enrolment: '../enrolment/words' }

const backend: BackendModule = {
  type: 'backend',
  init() {},
  read(language, room, done) {
    const load = files[`${places[room] ?? `../rooms/${room}/words`}/${language}.ts`]
    if (!load) return done(new Error(`no words for ${room} in ${language}`), null)
    load().then(
      (words) => done(null, words.default),
      (error: Error) => done(error, null),
    )
  },
}

const isLanguage = (text: string | null): text is Language => text !== null && Object.hasOwn(languages, text)

/** What somebody chose here, else what the browser asks for; null where neither is a language of ours. */
function wantedLanguage(): Language | null {
  const kept = localStorage.getItem(KEPT)
  if (isLanguage(kept)) return kept
  const wanted = navigator.languages.map((one) => one.slice(0, 2).toLowerCase())
  return wanted.find(isLanguage) ?? null
}

export async function startWords(): Promise<void> {
  i18next.on('languageChanged', (language) => {
    document.documentElement.lang = language
  })
  await i18next
    .use(backend)
    .use(initReactI18next)
    .init({
      lng: wantedLanguage() ?? 'en',
      fallbackLng: 'en',
      supportedLngs: Object.keys(languages),
      ns: ['common'],
      defaultNS: 'common',
      interpolation: { escapeValue: false },
      returnNull: false,
    })
}

export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(KEPT, language)
  await i18next.changeLanguage(language)
}

/** Takes the language that somebody is written to in, where neither he nor his browser wants another one of ours. */
export async function suggestLanguage(language: string): Promise<void> {
  const suggested = language.slice(0, 2).toLowerCase()
  if (wantedLanguage() === null && isLanguage(suggested)) await i18next.changeLanguage(suggested)
}
