import type { Config } from '#src/config.ts'

/**
 * What the settings bound for the machine, shared out among its workers: each has the same part, at least one of
 * anything. What does not divide is rounded up: with a width of 3, each of two workers computes two hashes at once.
 */
export function shareOf(config: Config, size: number): Config {
  const part = (whole: number) => Math.ceil(whole / size)
  return {
    ...config,
    passwordWidth: part(config.passwordWidth),
    passwordQueue: part(config.passwordQueue),
    openpgpWidth: part(config.openpgpWidth),
    openpgpQueue: part(config.openpgpQueue),
    keyPool: part(config.keyPool),
    largeBodies: part(config.largeBodies),
  }
}
