import type { Context } from '#src/context.ts'
import { publicBase } from '#src/lib/public-base.ts'

/** The name of the service, and that of the server, which mails tell people to look for. */
export const houseOf = ({ config }: Pick<Context, 'config'>): { name: string; host: string } => ({
  name: config.totpIssuer,
  host: new URL(publicBase(config)).host,
})
