import { Code, Group, Stack, Text } from '@mantine/core'
import { KeyRound } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Card } from '../../parts/card.tsx'
import { CopyButton } from '../../parts/copy-button.tsx'
import { When } from '../../parts/times.tsx'
import { AskingButton } from './act-button.tsx'
import { exposeKeys, removeKeys, resetKey } from './calls.ts'
import type { Done } from './person-page.tsx'
import type { PersonFile } from './types.ts'

/** What the support desk does about somebody's keys. */
export function KeysCard({ file, onDone }: { file: PersonFile; onDone(done: Done): void }) {
  const { t } = useTranslation('people')
  const { id, address } = file
  const [link, setLink] = useState<{ url: string; expires: string } | null>(null)
  const words = {
    NO_KEY: t('keys.none'),
    NO_RECOVERY: t('keys.noRecovery'),
    MAIL_OFF: t('keys.mailOff'),
    NOT_FOUND: t('keys.nothingDeleted'),
  }
  const reset = async () => {
    const { mailedTo } = await resetKey(id)
    onDone({ text: t(`keys.mailed.${mailedTo}`) })
  }
  const remove = async () => {
    await removeKeys(id)
    onDone({ text: t('keys.removed') })
  }
  return (
    <Card title={t('keys.title')} lead={t('keys.lead')} icon={<KeyRound aria-hidden />}>
      <Stack>
        <Group gap="xs">
          <AskingButton
            label={t('keys.reset')}
            title={t('keys.reset')}
            action={t('keys.resetAction')}
            onConfirm={reset}
            words={words}
          >
            <Text>{t('keys.resetText', { address })}</Text>
          </AskingButton>
          <AskingButton
            label={t('keys.expose')}
            title={t('keys.expose')}
            action={t('keys.exposeAction')}
            onConfirm={async () => setLink(await exposeKeys(id))}
            words={words}
          >
            <Text>{t('keys.exposeText')}</Text>
          </AskingButton>
          <AskingButton
            label={t('keys.remove')}
            title={t('keys.removeTitle')}
            action={t('keys.removeAction')}
            onConfirm={remove}
            words={words}
          >
            <Text>{t('keys.removeText')}</Text>
          </AskingButton>
        </Group>
        <div role="status" style={{ position: link ? 'static' : 'absolute' }}>
          {link ? (
            <Stack gap="xs" align="flex-start">
              <Text size="sm">
                {t('keys.link')} <When at={link.expires} />.
              </Text>
              <Code block maw="100%" style={{ whiteSpace: 'pre-wrap' }}>
                {link.url}
              </Code>
              <CopyButton text={link.url} what={t('keys.linkName')} />
            </Stack>
          ) : null}
        </div>
      </Stack>
    </Card>
  )
}
