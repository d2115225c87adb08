import type { ImportedApiKey } from '#src/domain/sessions/sessions.ts'
import { BadRow, cut, LONG, membersOf, parsed, textOf, time, UUID } from './loose.ts'
import type { SourceRow } from './source.ts'

/** Reads preferences as tags and values; throws BadRow. */
export function preferencesIn(row: SourceRow): { tag: string; value: string }[] {
  const list = parsed(row.data, 'array')
  if (!list) throw new BadRow('its preferences are broken JSON')
  return (list as unknown[]).map((pair) => {
    // Pairs are written as arrays; one version wrote objects.
    const [tag, value] = Array.isArray(pair) ? pair : [membersOf(pair).tag, membersOf(pair).value]
    return { tag: textOf(tag), value: textOf(value) }
  })
}

/** Reads an API key; throws BadRow. */
export function keyIn(row: SourceRow): ImportedApiKey {
  const id = (row.id ?? '').toLowerCase()
  const value = row.apikey ?? ''
  if (!UUID.test(id)) throw new BadRow('its id is no UUID')
  if (!/^[!-~]{32,128}$/.test(value)) throw new BadRow('it is no key')
  const rights = parsed(row.rights, 'array')
  if (!rights) throw new BadRow('its rights are broken JSON')
  return {
    id,
    name: textOf(row.name).toLowerCase(),
    description: cut(textOf(row.description), LONG),
    value,
    created: time(row.created),
    expires: time(row.expireson),
    lastUse: time(row.lastuse),
    rights: (rights as unknown[]).map(membersOf).map(({ service, access }) => ({
      service: textOf(service),
      access: textOf(access),
    })),
  }
}
