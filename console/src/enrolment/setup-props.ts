/** What every way of getting a second factor is told. */
export interface SetupProps {
  /** its first code turns 2-step verification on as well */
  turnsOn: boolean
  /** the recovery codes, to be shown this once, where it did; else null */
  onDone(recoveryCodes: string[] | null): void
}
