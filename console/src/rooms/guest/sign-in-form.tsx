import { Anchor, Button, Stack } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useNavigate } from 'react-router'
import { ErrorNote } from '../../parts/error-note.tsx'
import { PasswordField } from '../../parts/password-field.tsx'
import { isCode, signIn } from './calls.ts'
import { useFaults } from './faults.ts'
import { AddressField, PinField } from './fields.tsx'
import { useSubmit } from './submit.ts'

interface SignInFormProps {
  /** the mail that he wants to read */
  item?: string | null
  to?: string
  /** is the PIN asked for from the beginning? Otherwise it is once the server wants it. */
  pinNeeded?: boolean
}

/** Where a guest with a password comes in. */
export function SignInForm({ item = null, to = '', pinNeeded = false }: SignInFormProps) {
  const { t } = useTranslation('guest')
  const navigate = useNavigate()
  const faults = useFaults()
  const [address, setAddress] = useState('')
  const [password, setPassword] = useState('')
  const [pin, setPin] = useState('')
  const [wantsPin, setWantsPin] = useState(pinNeeded)
  const { isBusy, error, submit } = useSubmit(async () => {
    try {
      const hasOwn = await signIn({ address, password, ...(wantsPin ? { pin } : {}) })
      const next = item ? `/guest/mail/${encodeURIComponent(item)}` : '/guest/inbox'
      navigate(hasOwn ? next : `/guest/password${item ? `?item=${encodeURIComponent(item)}` : ''}`)
    } catch (error) {
      if (isCode(error, 'PIN_REQUIRED')) setWantsPin(true)
      throw error
    }
  })
  return (
    <form onSubmit={submit}>
      <Stack>
        <AddressField value={address} onChange={setAddress} to={to} />
        <PasswordField value={password} onChange={(event) => setPassword(event.currentTarget.value)} required />
        {wantsPin ? <PinField value={pin} onChange={setPin} /> : null}
        <ErrorNote error={error} words={faults} />
        <Button type="submit" loading={isBusy} size="md">
          {t('signIn.submit')}
        </Button>
        <Anchor component={Link} to="/guest/forgotten" w="fit-content">
          {t('signIn.forgotten')}
        </Anchor>
      </Stack>
    </form>
  )
}
