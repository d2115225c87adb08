import { ActionIcon, Menu, useMantineColorScheme } from '@mantine/core'
import { Check, Languages, SunMoon } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { chooseLanguage, type Language, languages } from '../words/words.ts'

const SCHEMES = ['light', 'dark', 'auto'] as const

const check = <Check aria-hidden size={14} />

/** The language of the pages, and whether they are light or dark: each browser's own choice. */
export function Choices() {
  const { t, i18n } = useTranslation()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('language')}>
            <Languages aria-hidden size={20} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {Object.entries(languages).map(([code, name]) => (
            <Menu.Item
              key={code}
              lang={code}
              onClick={() => chooseLanguage(code as Language)}
              rightSection={i18n.language === code ? check : null}
            >
              {name}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('scheme')}>
            <SunMoon aria-hidden size={20} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {SCHEMES.map((scheme) => (
            <Menu.Item
              key={scheme}
              onClick={() => setColorScheme(scheme)}
              rightSection={colorScheme === scheme ? check : null}
            >
              {t(`schemes.${scheme}`)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </>
  )
}
