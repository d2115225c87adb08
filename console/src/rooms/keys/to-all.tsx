import { Anchor, Group } from '@mantine/core'
import { ArrowLeft } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'

export function ToAll() {
  const { t } = useTranslation('keys')
  return (
    <Anchor component={Link} to="/my/keys">
      <Group gap={6} component="span">
        <ArrowLeft aria-hidden size={16} />
        {t('back')}
      </Group>
    </Anchor>
  )
}
