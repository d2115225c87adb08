import { Anchor, Button, Checkbox, Group, Modal, Stack, Text } from '@mantine/core'
import { type FormEvent, type ReactNode, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { ApiError } from '../../api/client.ts'
import { Cancelled } from '../../api/elevation.ts'
import { ErrorNote } from '../../parts/error-note.tsx'
import { PasswordField } from '../../parts/password-field.tsx'
import { forgetKey, keepKey, keptKey } from './held-key.ts'

export type KeyHeaders = Record<string, string>

/** A call that the key may have to be opened for. */
type Attempt<T> = (headers: KeyHeaders) => Promise<T>

interface Waiting {
  attempt: Attempt<unknown>
  resolve(value: never): void
  reject(error: unknown): void
}

const headersOf = (password: string): KeyHeaders => ({ 'X-Key-Password': encodeURIComponent(password) })

const isAbout = (error: unknown, ...codes: string[]): boolean => error instanceof ApiError && codes.includes(error.code)

/**
 * Has a call done for which the key may have to be opened: it is asked for only when the server says so, or at once where
 * that would be found out by sending much for nothing (`asksFirst`). The call is tried while the dialogue is open, so that a wrong
 * password is told where it was entered. Throws `Cancelled` when somebody closes it.
 */
export function useKey(): { withKey<T>(attempt: Attempt<T>, asksFirst?: boolean): Promise<T>; dialog: ReactNode } {
  const { t } = useTranslation('mail')
  const { t: common } = useTranslation()
  const waiting = useRef<Waiting | null>(null)
  const [isOpen, setOpen] = useState(false)
  const [password, setPassword] = useState('')
  const [keeps, setKeeps] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)

  const ask = <T,>(attempt: Attempt<T>) =>
    new Promise<T>((resolve, reject) => {
      waiting.current?.reject(new Cancelled())
      waiting.current = { attempt, resolve, reject }
      setPassword('')
      setKeeps(false)
      setError(null)
      setOpen(true)
    })
  async function withKey<T>(attempt: Attempt<T>, asksFirst = false): Promise<T> {
    const kept = keptKey()
    if (kept === null && asksFirst) return ask(attempt)
    try {
      return await attempt(kept === null ? {} : headersOf(kept))
    } catch (error) {
      if (!isAbout(error, 'KEY_PASSWORD_REQUIRED', ...(kept === null ? [] : ['KEY_PASSWORD_WRONG']))) throw error
      forgetKey()
      return ask(attempt)
    }
  }
  const close = () => {
    setOpen(false)
    setPassword('')
    waiting.current?.reject(new Cancelled())
    waiting.current = null
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    event.stopPropagation()
    const { current } = waiting
    if (!current) return
    setBusy(true)
    setError(null)
    try {
      const value = await current.attempt(headersOf(password))
      if (keeps) keepKey(password)
      waiting.current = null
      current.resolve(value as never)
      setOpen(false)
      setPassword('')
    } catch (error) {
      if (isAbout(error, 'KEY_PASSWORD_WRONG', 'TOO_MANY_REQUESTS')) setError(error)
      else {
        waiting.current = null
        current.reject(error)
        setOpen(false)
        setPassword('')
      }
    } finally {
      setBusy(false)
    }
  }
  const dialog = (
    <Modal
      opened={isOpen}
      onClose={close}
      title={t('key.title')}
      zIndex={300}
      // The second half of a doubled click on what has opened it is no wish to close it.
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      <form onSubmit={submit}>
        <Stack>
          <Text size="sm">{t('key.text')}</Text>
          <PasswordField
            label={t('key.label')}
            autoComplete="off"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            required
            data-autofocus
          />
          {/* In a window of its own: what is being written or read here stays. */}
          <Anchor component={Link} to="/my/keys/settings" target="_blank" size="sm">
            {t('key.unknown')}
          </Anchor>
          <Checkbox
            label={t('key.keep')}
            description={t('key.keepHint')}
            checked={keeps}
            onChange={(event) => setKeeps(event.currentTarget.checked)}
          />
          <ErrorNote
            error={error}
            words={{
              KEY_PASSWORD_WRONG: t('faults.KEY_PASSWORD_WRONG'),
              TOO_MANY_REQUESTS: t('faults.TOO_MANY_REQUESTS'),
            }}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {common('cancel')}
            </Button>
            <Button type="submit" loading={isBusy}>
              {t('key.open')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
  return { withKey, dialog }
}
