import type { Endpoint } from '#src/http/endpoint.ts'
import { measuresEndpoints } from './house-measures.ts'
import { outboxEndpoints } from './house-outbox.ts'
import { recordEndpoints } from './house-record.ts'
import { servicesEndpoints } from './house-services.ts'
import { setupEndpoints } from './house-setup.ts'

/** The house itself: what is set up, the outbox, the record, services, how it is doing. */
export const houseEndpoints: readonly Endpoint[] = [
  ...setupEndpoints,
  ...outboxEndpoints,
  ...recordEndpoints,
  ...servicesEndpoints,
  ...measuresEndpoints,
]
