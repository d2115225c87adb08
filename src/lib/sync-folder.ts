import { closeSync, fsyncSync, openSync } from 'node:fs'

/** Writes through to the disk which files a folder has: a file that was written through may be missing from it after a power cut. */
export function syncFolder(folder: string): void {
  const opened = openSync(folder, 'r')
  try {
    fsyncSync(opened)
  } finally {
    closeSync(opened)
  }
}
