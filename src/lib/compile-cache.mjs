import { lstatSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

/**
 * Can nobody but us have put anything there? What is not there yet is nobody's.
 * @param {string} place
 */
function isOurs(place) {
  const found = lstatSync(place, { throwIfNoEntry: false })
  if (!found || !process.geteuid) return true
  // Root may do what it likes anyway; the mode of a link says nothing.
  return [0, process.geteuid()].includes(found.uid) && (found.isSymbolicLink() || (found.mode & 0o022) === 0)
}

/**
 * Where machine code of our own modules is kept; undefined for nowhere. In the data folder, as long as nobody else can
 * write there: what somebody put there would run as ours, as root above all. Node's own variable goes before.
 * @param {string} data
 * @returns {string | undefined}
 */
export function compileCacheIn(data) {
  const cache = join(data, 'compile-cache')
  // With the dot it is the folder itself where `data` is a link to it.
  return process.env.NODE_COMPILE_CACHE || ([`${data}/.`, cache].every(isOurs) ? cache : undefined)
}

/**
 * Keeps machine code of the modules that are imported from now on, so that a later start need not compile them again. The
 * first start does without, and so does one in a folder that is not the server's.
 * @param {Record<string, string | undefined>} environment
 */
export function keepCompiled({ CHATELAINE_DATA }) {
  // The same default as that of the setting: to read settings is half of what is to be compiled.
  const data = CHATELAINE_DATA || './data'
  const isThere = lstatSync(join(data, 'chatelaine.key'), { throwIfNoEntry: false }) !== undefined
  const cache = isThere ? compileCacheIn(data) : undefined
  if (cache !== undefined) enableCompileCache(cache)
}
