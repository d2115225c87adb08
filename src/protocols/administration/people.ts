import type { Endpoint } from '#src/http/endpoint.ts'
import { peopleAccount } from './people-account.ts'
import { peopleGuests } from './people-guests.ts'
import { peopleList } from './people-list.ts'
import { peoplePolicy } from './people-policy.ts'

/** Accounts, guests, and what the support desk does for them. */
export const peopleEndpoints: readonly Endpoint[] = [...peopleList, ...peopleAccount, ...peoplePolicy, ...peopleGuests]
