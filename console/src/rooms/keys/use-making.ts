import { useState } from 'react'
import { queries } from '../../api/session.ts'
import { createKey, masterOf, type NewKey, type OwnKey, ownKeysQuery, refreshKeys } from './calls.ts'
import { seenQuery } from './world.ts'

export const STAGES = ['makes', 'reads', 'asks'] as const
export type Stage = (typeof STAGES)[number]

/** Walks through the making of a key; `stage` says what is being done. */
export function useMaking() {
  const [stage, setStage] = useState<Stage | null>(null)
  const [wish, setWish] = useState<NewKey | null>(null)
  const [made, setMade] = useState<OwnKey | null>(null)
  const [isFound, setFound] = useState(false)
  const [error, setError] = useState<unknown>(null)

  const make = async (wanted: NewKey) => {
    // What was wanted stays in the form if it fails, but for the password.
    setWish({ ...wanted, password: '' })
    setError(null)
    setStage('makes')
    try {
      const created = await createKey(wanted)
      setStage('reads')
      await refreshKeys()
      const keys = await queries.fetchQuery({ ...ownKeysQuery, staleTime: 0 })
      const { fingerprint } = masterOf(created)
      setStage('asks')
      // That nobody finds it, or that we could not ask, is no failure of the key.
      setFound((await queries.fetchQuery(seenQuery(fingerprint)).catch(() => null)) !== null)
      setMade(keys.find((key) => masterOf(key).fingerprint === fingerprint) ?? created)
    } catch (error) {
      setError(error)
      setStage(null)
    }
  }
  return { stage, wish, made, isFound, error, make }
}
