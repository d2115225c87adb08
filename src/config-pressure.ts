import { count } from './config-kinds.ts'

/** The settings about what is too much at once: a part of config-groups.ts. */
export const pressureGroups = {
  'Under pressure': {
    requestsAtOnce: [
      count(1000, 4),
      'requests that a process works on at once, those waiting for their client not counted; beyond it 503',
    ],
    connections: [
      count(20_000, 16),
      'connections that a process keeps open at its listeners; fewer where the system lets it open fewer files; beyond it new ones are closed',
    ],
    connectionsPerClient: [
      count(2000, 1),
      'of these, how many one client address (IPv6: /64) may have that is no trusted proxy',
    ],
    outboxLimit: [
      count(100_000, 1),
      'messages that may wait in the outbox, and as many mails on their way to the next hop; beyond it what would only add to them is refused with 503, and a quarter more is kept for codes and notices',
    ],
  },
} as const
