import { Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { Card } from '../../parts/card.tsx'
import { AskingButton } from './act-button.tsx'
import { readAgain, removePerson } from './calls.ts'
import type { PersonFile } from './types.ts'

/** The one thing that nothing brings back: the address has to be typed. */
export function RemovePerson({ file }: { file: PersonFile }) {
  const { t } = useTranslation('people')
  const navigate = useNavigate()
  const [typed, setTyped] = useState('')
  const remove = async () => {
    await removePerson(file)
    navigate('/admin/people')
    void readAgain()
  }
  return (
    <Card title={t('remove.title')} lead={t('remove.lead')}>
      <AskingButton
        label={t('remove.open')}
        color="red"
        variant="outline"
        c="var(--bad)"
        title={t('remove.question', { address: file.address })}
        action={t('remove.action')}
        onConfirm={remove}
        isReady={typed.trim().toLowerCase() === file.address}
      >
        <Text>{t('remove.text')}</Text>
        <TextInput
          label={t('remove.type', { address: file.address })}
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          data-autofocus
        />
      </AskingButton>
    </Card>
  )
}
