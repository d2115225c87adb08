import { userInfo } from 'node:os'
import { type Actor, operatorActor } from '#src/domain/accounts/accounts.ts'
import { Misuse } from './verb.ts'

const MOST = 64

function systemUser(environment: Record<string, string | undefined>): string {
  // Whoever became root for this has a name of his own.
  if (environment.SUDO_USER) return environment.SUDO_USER
  try {
    return userInfo().username
  } catch {
    // A container may know no names.
    return `uid-${process.getuid?.() ?? 'unknown'}`
  }
}

/** Who acts: the name that was given, else that of whoever is signed in to this machine. */
export function operatorOf(by: string | undefined, environment: Record<string, string | undefined>): Actor {
  const name = (by ?? systemUser(environment)).trim()
  if (name === '' || name.length > MOST || /[\p{C}\p{Zl}\p{Zp}]/u.test(name))
    throw new Misuse(`--by takes a name of 1 to ${MOST} printable characters: it is what the record will have.`)
  return operatorActor(name)
}
