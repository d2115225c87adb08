import type { Endpoint } from '#src/http/endpoint.ts'

/** Accounts, guests, and what the support desk does for them. */
export const peopleEndpoints: readonly Endpoint[] = []
