import { Button, type ButtonProps } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { Cancelled } from '../../api/elevation.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'

interface AskingButtonProps extends ButtonProps {
  label: string
  title: string
  /** what the button of the dialogue says */
  action: string
  /** what will be lost */
  children: ReactNode
  onConfirm(): Promise<unknown>
  isReady?: boolean
  words?: Readonly<Record<string, string>>
}

/** Whoever leaves the dialogue for his password has changed his mind about this too: nothing was done. */
const unlessCancelled = async (work: Promise<unknown>) => {
  try {
    await work
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error
  }
}

/** A button that asks first. */
export function AskingButton(props: AskingButtonProps) {
  const { label, title, action, children, onConfirm, isReady, words, ...rest } = props
  const [isAsking, setAsking] = useState(false)
  return (
    <>
      <Button variant="default" onClick={() => setAsking(true)} {...rest}>
        {label}
      </Button>
      <Confirm
        opened={isAsking}
        onClose={() => setAsking(false)}
        title={title}
        action={action}
        onConfirm={() => unlessCancelled(onConfirm())}
        {...(isReady === undefined ? {} : { isReady })}
        {...(words ? { words } : {})}
      >
        {children}
      </Confirm>
    </>
  )
}

interface ActButtonProps extends ButtonProps {
  label: string
  onAct(): Promise<unknown>
  words?: Readonly<Record<string, string>>
}

/** A button that does at once what harms nobody. */
export function ActButton({ label, onAct, words, ...rest }: ActButtonProps) {
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const act = async () => {
    setBusy(true)
    setError(null)
    await unlessCancelled(onAct()).catch(setError)
    setBusy(false)
  }
  return (
    <>
      <Button variant="default" loading={isBusy} onClick={() => void act()} {...rest}>
        {label}
      </Button>
      <ErrorNote error={error} {...(words ? { words } : {})} />
    </>
  )
}
