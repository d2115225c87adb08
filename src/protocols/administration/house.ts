import type { Endpoint } from '#src/http/endpoint.ts'

/** The house itself: what is set up, the outbox, the record, services, how it is doing. */
export const houseEndpoints: readonly Endpoint[] = []
