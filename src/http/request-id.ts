// What proxies make: UUIDs, hex, base64, `Root=1-…;Parent=…`. Nothing that a header, a log line or a page reads as its own.
const SENSIBLE = /^[!#-&(-;=?-[\]-_a-~]{1,128}$/

/** The id of a request: the one that it brings, if it looks like one, so that a proxy's log and ours agree; else one of `fresh`. */
export const requestIdOf = (brought: string | null | undefined, fresh: () => string): string =>
  brought && SENSIBLE.test(brought) ? brought : fresh()
