import { Button, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Confirm } from '../../parts/confirm.tsx'

export function SuspendPerson({ name, onSuspend }: { name: string; onSuspend(): Promise<unknown> }) {
  const { t } = useTranslation('people')
  const [isAsking, setAsking] = useState(false)
  return (
    <>
      <Button variant="default" onClick={() => setAsking(true)}>
        {t('standing.suspend')}
      </Button>
      <Confirm
        opened={isAsking}
        onClose={() => setAsking(false)}
        title={t('standing.suspendTitle', { name })}
        action={t('standing.suspend')}
        onConfirm={onSuspend}
      >
        <Text>{t('standing.suspendText')}</Text>
      </Confirm>
    </>
  )
}
