import { existsSync } from 'node:fs'

/** The environment that settings are read from: the process's own, and behind it a file `.env` where it was started. */
export function environment(): NodeJS.ProcessEnv {
  if (existsSync('.env')) process.loadEnvFile('.env')
  return process.env
}
