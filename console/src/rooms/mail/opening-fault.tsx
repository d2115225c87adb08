import { Alert, Anchor, Stack, Text } from '@mantine/core'
import { CircleAlert } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { ApiError } from '../../api/client.ts'
import { ErrorNote } from '../../parts/error-note.tsx'
import { useFaults } from './faults.ts'
import { NoMail } from './source.ts'

const grouped = (id: string): string => id.replace(/(.{4})(?=.)/g, '$1 ')

function ForKeys({ keys }: { keys: readonly string[] }) {
  const { t, i18n } = useTranslation('mail')
  const named = keys.filter((key) => key !== '').map(grouped)
  const list = new Intl.ListFormat(i18n.language).format(named)
  return (
    <Stack gap={4} mt={4}>
      <Text size="sm">
        {named.length > 0 ? t('forKeys', { count: named.length, keys: list }) : t('forHidden')} {t('forKeysHint')}
      </Text>
      <Anchor component={Link} to="/my/keys" size="sm" underline="always">
        {t('goKeys')}
      </Anchor>
    </Stack>
  )
}

/** Why a mail could not be opened, and what to do. `keys`: those that it is for. */
export function OpeningFault({ error, keys }: { error: unknown; keys: readonly string[] }) {
  const { t } = useTranslation('mail')
  const faults = useFaults()
  if (error instanceof NoMail)
    return (
      <Alert role="alert" variant="light" color="red" icon={<CircleAlert aria-hidden />}>
        {t('noMail')}{' '}
        <Anchor component={Link} to="/my/mail/files" underline="always">
          {t('noMailGo')}
        </Anchor>
      </Alert>
    )
  if (error instanceof ApiError && error.code === 'NOT_FOR_YOU')
    return (
      <Alert role="alert" variant="light" color="red" icon={<CircleAlert aria-hidden />}>
        {faults.NOT_FOR_YOU}
        <ForKeys keys={keys} />
      </Alert>
    )
  return <ErrorNote error={error} words={faults} />
}
