/** An answer that is being written. It outlives a sign-in in between, and nothing else: it is kept in memory alone. */
export interface Draft {
  text: string
  all: boolean
  quote: boolean
  files: File[]
  /** of two calls with the same, the server sends one */
  once: string
}

const drafts = new Map<string, Draft>()

// `randomUUID` is only there on pages that come by https.
const randomName = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')

export const newDraft = (): Draft => ({ text: '', all: false, quote: false, files: [], once: randomName() })

export const draftOf = (id: string): Draft => drafts.get(id) ?? newDraft()

export const keepDraft = (id: string, draft: Draft): void => {
  drafts.set(id, draft)
}

export const dropDraft = (id: string): void => {
  drafts.delete(id)
}
