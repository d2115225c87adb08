import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Outlet } from 'react-router'
import { type Entered, KeepingContext, nothing } from './entered.ts'

/** Keeps what was entered while somebody goes back and forth. */
export function Component() {
  useTranslation('forgotten')
  const [entered, setEntered] = useState<Entered>(nothing)
  const note = (changes: Partial<Entered>) => setEntered((before) => ({ ...before, ...changes }))
  return (
    <KeepingContext value={{ entered, note }}>
      <Outlet />
    </KeepingContext>
  )
}
