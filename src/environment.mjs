import { existsSync } from 'node:fs'

/**
 * The environment that settings are read from: the process's own, and behind it a file `.env` where it was started.
 * @returns {NodeJS.ProcessEnv}
 */
export function environment() {
  if (existsSync('.env')) process.loadEnvFile('.env')
  return process.env
}
