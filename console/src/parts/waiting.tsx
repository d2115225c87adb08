import { Skeleton, Stack, VisuallyHidden } from '@mantine/core'
import { useTranslation } from 'react-i18next'

/** In the place of a page that is on its way. */
export function Waiting() {
  const { t } = useTranslation()
  return (
    <Stack>
      <VisuallyHidden role="status">{t('loading')}</VisuallyHidden>
      <Skeleton h={32} w="50%" />
      <Skeleton h={16} w="80%" />
      <Skeleton h={140} />
      <Skeleton h={140} />
    </Stack>
  )
}
