/**
 * The parts of the house that the log is turned up and down by, each with the first words of its events. The names are
 * those that OpenWiFi clients offer in their menus, in that order.
 */
const words = {
  StorageClass: ['database', 'schema', 'job', 'checkpoint', 'key-file'],
  SMSSender: ['sms'],
  Authentication: [
    'sign-in',
    'sign-out',
    'session',
    'account',
    'password',
    'factor',
    'second-step',
    'passkey',
    'api-key',
  ],
  ActionLinkManager: ['link', 'signup'],
  SMTPMailer: ['mail', 'message', 'templates', 'delivery', 'carrier'],
  RateLimiter: ['rate', 'throttle'],
  'TOTP-system': ['totp', 'enrolment'],
  WebSocketClientServer: ['log-socket'],
  SecretStore: ['secret'],
  KafkaManager: ['kafka', 'service'],
  ALBHealthCheckServer: ['health'],
  RESTAPI_ExtServer: ['request', 'hot-path', 'guard', 'certificate'],
  // What is asked at the other listener is written down with the rest.
  RESTAPI_IntServer: [],
} as const

export type Subsystem = keyof typeof words | 'Chatelaine'

/** Every subsystem that has a name of its own. */
export const subsystems = Object.keys(words) as readonly Subsystem[]

/** The subsystem that a name means, in any case; `all` for all of them; null for a name that nothing has. */
export function findSubsystem(name: string): Subsystem | 'all' | null {
  const wanted = name.toLowerCase()
  return wanted === 'all' ? 'all' : (subsystems.find((subsystem) => subsystem.toLowerCase() === wanted) ?? null)
}

/** Where the events of no subsystem belong: starting, stopping, settings, OpenPGP. Not in the list. */
const REST: Subsystem = 'Chatelaine'

const byWord = new Map<string, Subsystem>(
  Object.entries(words).flatMap(([name, own]) => own.map((word) => [word, name as Subsystem] as const)),
)

/** The subsystem of an event such as 'message.undelivered'. */
export function subsystemOf(event: string): Subsystem {
  const dot = event.indexOf('.')
  return byWord.get(dot < 0 ? event : event.slice(0, dot)) ?? REST
}
