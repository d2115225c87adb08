import { Alert } from '@mantine/core'
import { Hourglass } from 'lucide-react'
import { useTranslation } from 'react-i18next'

/** Too many failures: said once; the seconds are counted where the eyes are, on the button. */
export function TooMany({ left }: { left: number }) {
  const { t } = useTranslation('sign-in')
  return (
    <Alert role="alert" color="red" variant="light" icon={<Hourglass aria-hidden />}>
      {t(left > 0 ? 'tooMany' : 'waited')}
    </Alert>
  )
}
