import { Button, Stack, Text, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { canUsePasskeys } from '../api/passkeys.ts'
import { useAttempt } from '../parts/attempt.ts'
import { ErrorNote } from '../parts/error-note.tsx'
import { addPasskey, type Overview, turnOnByPasskey } from './calls.ts'
import type { SetupProps } from './setup-props.ts'
import { useEnrolmentErrors } from './use-errors.ts'

/** Can a passkey be made on this page? Browsers bind them to a name, and this page may be open by another. */
export function canAddPasskey({ offers: { passkeyDomain } }: Pick<Overview, 'offers'>): boolean {
  const { hostname } = location
  return canUsePasskeys() && passkeyDomain !== '' && `.${hostname}`.endsWith(`.${passkeyDomain}`)
}

/** A passkey: made by the device, and shown once where it turns 2-step verification on. */
export function PasskeySetup({ turnsOn, onDone }: SetupProps) {
  const { t } = useTranslation('enrolment')
  const words = useEnrolmentErrors()
  const [name, setName] = useState('')
  const [isMade, setMade] = useState(false)
  const { isBusy, error, attempt } = useAttempt()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void attempt(async () => {
      if (!isMade) await addPasskey(name.trim())
      setMade(true)
      onDone(turnsOn ? await turnOnByPasskey() : null)
    })
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text role="status">{t(isMade ? 'passkey.made' : 'passkey.text')}</Text>
        {isMade ? null : (
          <TextInput
            label={t('passkey.name')}
            description={t('passkey.nameHint')}
            value={name}
            maxLength={100}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        )}
        <ErrorNote error={error} words={words} />
        <Button type="submit" loading={isBusy}>
          {t(isMade ? 'passkey.show' : 'passkey.action')}
        </Button>
      </Stack>
    </form>
  )
}
