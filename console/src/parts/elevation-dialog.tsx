import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError, call } from '../api/client.ts'
import { Cancelled, whenAsked } from '../api/elevation.ts'
import { ErrorNote } from './error-note.tsx'
import { PasswordField } from './password-field.tsx'
import { SecondStep, type StepProof } from './second-step.tsx'

interface Waiting {
  resolve(token: string): void
  reject(error: Error): void
}

/** Asks for the password, and the second step where the server wants it too, when a call needs it (`api/elevation.ts`). */
export function ElevationDialog() {
  const { t } = useTranslation()
  const waiting = useRef<Waiting | null>(null)
  const [isOpen, setOpen] = useState(false)
  const [password, setPassword] = useState('')
  const [wantsStep, setWantsStep] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)

  useEffect(() => {
    whenAsked(
      () =>
        new Promise((resolve, reject) => {
          waiting.current?.reject(new Cancelled())
          waiting.current = { resolve, reject }
          setPassword('')
          setWantsStep(false)
          setError(null)
          setOpen(true)
        }),
    )
    return () => whenAsked(null)
  }, [])

  const close = () => {
    setOpen(false)
    waiting.current?.reject(new Cancelled())
    waiting.current = null
  }
  const check = async (step: StepProof | null) => {
    const json = { password, ...step }
    const { securityToken } = await call<{ securityToken: string }>('POST', '/api/v1/account/security/check', { json })
    setOpen(false)
    setPassword('')
    waiting.current?.resolve(securityToken)
    waiting.current = null
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    // The dialogue may stand in a form: the event of this one would go up to that in React's tree.
    event.stopPropagation()
    setBusy(true)
    setError(null)
    try {
      await check(null)
    } catch (error) {
      if (error instanceof ApiError && error.code === 'SECOND_STEP_REQUIRED') setWantsStep(true)
      else setError(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal
      opened={isOpen}
      onClose={close}
      title={t('elevation.title')}
      zIndex={300}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      {wantsStep ? (
        <Stack>
          <Text size="sm">{t('elevation.step')}</Text>
          <SecondStep onProof={check} action={t('elevation.confirm')} />
        </Stack>
      ) : (
        <form onSubmit={submit}>
          <Stack>
            <Text size="sm">{t('elevation.text')}</Text>
            <PasswordField
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
              required
              data-autofocus
            />
            <ErrorNote error={error} />
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                {t('cancel')}
              </Button>
              <Button type="submit" loading={isBusy}>
                {t('elevation.confirm')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  )
}
