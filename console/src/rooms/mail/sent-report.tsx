import { Alert, Box, Button, Code, Group, List, Stack, Text } from '@mantine/core'
import { Download, KeyRound, Link as LinkPicture, Lock, PenLine } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Card } from '../../parts/card.tsx'
import { CopyButton } from '../../parts/copy-button.tsx'
import { saveFile } from '../../parts/files.ts'
import { Page } from '../../parts/page.tsx'
import { bytesOf, type Fate, type Sent } from './calls.ts'
import { useTitleFocus } from './focus-title.ts'
import { useSourceText } from './sources.ts'

function Pins({ recipients }: { recipients: readonly Fate[] }) {
  const { t } = useTranslation('mail')
  const withPin = recipients.flatMap(({ address, pin }) => (pin ? [{ address, pin }] : []))
  if (withPin.length === 0) return null
  return (
    <Card title={t('sent.pins')} lead={t('sent.pinsText')} icon={<KeyRound aria-hidden />}>
      <List listStyleType="none" spacing="sm">
        {withPin.map(({ address, pin }) => (
          <List.Item key={address}>
            <Group gap="sm">
              <Text size="sm">{address}</Text>
              <Code fz="lg" aria-label={t('sent.pin', { who: address })}>
                {pin}
              </Code>
              <CopyButton text={pin} what={t('sent.pin', { who: address })} size="compact-sm" />
            </Group>
          </List.Item>
        ))}
      </List>
    </Card>
  )
}

function Report({ recipients }: { recipients: readonly Fate[] }) {
  const { t } = useTranslation('mail')
  const sourceText = useSourceText()
  const how = ({ how, source }: Fate): string => {
    if (how === 'guest') return t('sent.guest')
    return source === 'sender' ? t('sent.asIs') : t('sent.encrypted', { source: sourceText(source) })
  }
  return (
    <Card title={t('sent.report')}>
      <List listStyleType="none" spacing="sm">
        {recipients.map((fate) => {
          const Icon = fate.how === 'guest' ? LinkPicture : Lock
          return (
            <List.Item key={fate.address}>
              <Group gap="sm" wrap="nowrap" align="flex-start">
                <Box mt={2}>
                  <Icon aria-hidden size={18} />
                </Box>
                <Box>
                  <Text size="sm" fw={600}>
                    {fate.address}
                  </Text>
                  <Text size="sm">{how(fate)}</Text>
                </Box>
              </Group>
            </List.Item>
          )
        })}
      </List>
    </Card>
  )
}

function OwnCopy({ sent: { message, messageEncoding } }: { sent: Sent }) {
  const { t } = useTranslation('mail')
  const save = (text: string) =>
    saveFile('sent.eml', new Blob([messageEncoding === 'base64' ? bytesOf(text) : text], { type: 'message/rfc822' }))
  return (
    <Card title={t('sent.copy')} lead={t(message === null ? 'sent.copyNone' : 'sent.copyText')}>
      {message === null ? null : (
        <Button variant="default" leftSection={<Download aria-hidden size={16} />} onClick={() => save(message)}>
          {t('sent.save')}
        </Button>
      )}
    </Card>
  )
}

/** What became of a mail for everybody; null where an earlier try had gone through, whose answer is lost. */
export function SentReport({ sent, onAnother }: { sent: Sent | null; onAnother(): void }) {
  const { t } = useTranslation('mail')
  useTitleFocus(true)
  return (
    <Page
      title={t(sent ? 'sent.title' : 'sent.before')}
      lead={sent ? t('sent.lead') : null}
      actions={
        <Button leftSection={<PenLine aria-hidden size={16} />} onClick={onAnother}>
          {t('sent.another')}
        </Button>
      }
    >
      {sent ? (
        <Stack gap="lg">
          <Pins recipients={sent.recipients} />
          <Report recipients={sent.recipients} />
          <OwnCopy sent={sent} />
        </Stack>
      ) : (
        <Alert variant="light" role="status">
          {t('sent.beforeText')}
        </Alert>
      )}
    </Page>
  )
}
