import { Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { SecondStep, type StepProof } from '../parts/second-step.tsx'
import { turnOn } from './calls.ts'
import { useEnrolmentErrors } from './use-errors.ts'

/** Turns 2-step verification on with what the account has already: a code of a method, or a passkey. */
export function TwoStepOn({ onDone }: { onDone(recoveryCodes: string[]): void }) {
  const { t } = useTranslation('enrolment')
  const words = useEnrolmentErrors()
  const prove = async (proof: StepProof) => {
    if (!('recoveryCode' in proof)) onDone(await turnOn(proof))
  }
  return (
    <Stack>
      <Text>{t('on.text')}</Text>
      <SecondStep onProof={prove} action={t('on.action')} recovery={false} words={words} />
    </Stack>
  )
}
