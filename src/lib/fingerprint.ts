/** A fingerprint in groups of four digits, as people compare it. */
export const grouped = (fingerprint: string): string => fingerprint.replace(/.{4}(?=.)/g, '$& ')

/** The key id that a fingerprint holds: its end in version 4, its beginning in version 6 (RFC 9580, section 5.5.4). A key id is its own. */
export const keyIdOf = (id: string): string => (id.length === 64 ? id.slice(0, 16) : id.slice(-16))
