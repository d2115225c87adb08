import { mayKeepPreferences } from '#src/domain/accounts/accounts.ts'
import { apiKeyBounds, type ImportedApiKey } from '#src/domain/sessions/sessions.ts'
import { BadRow, cut, LONG, membersOf, parsed, SHORT, textOf, time, UUID } from './loose.ts'
import type { SourceRow } from './source.ts'

/** Reads preferences as tags and values; throws BadRow. */
export function preferencesIn(row: SourceRow): { tag: string; value: string }[] {
  const list = parsed(row.data, 'array')
  if (!list) throw new BadRow('its preferences are broken JSON')
  const data = (list as unknown[]).map((pair) => {
    // Pairs are written as arrays; one version wrote objects.
    const [tag, value] = Array.isArray(pair) ? pair : [membersOf(pair).tag, membersOf(pair).value]
    return { tag: textOf(tag), value: textOf(value) }
  })
  if (!mayKeepPreferences(data)) throw new BadRow('they are more than may be kept here')
  return data
}

function rightsIn(row: SourceRow): ImportedApiKey['rights'] {
  const list = parsed(row.rights, 'array')
  if (!list) throw new BadRow('its rights are broken JSON')
  const rights = (list as unknown[]).map(membersOf).map(({ service, access }) => ({
    service: textOf(service),
    access: textOf(access),
  }))
  const isWordy = rights.some((right) => Object.values(right).some(({ length }) => length > apiKeyBounds.word))
  // Not some of them: a key that opens half of what it did would be a riddle.
  if (rights.length > apiKeyBounds.rights || isWordy) throw new BadRow('its rights are more than may be kept here')
  return rights
}

/** Reads an API key; throws BadRow. */
export function keyIn(row: SourceRow): ImportedApiKey {
  const id = (row.id ?? '').toLowerCase()
  const value = row.apikey ?? ''
  if (!UUID.test(id)) throw new BadRow('its id is no UUID')
  if (!/^[!-~]{32,128}$/.test(value)) throw new BadRow('it is no key')
  return {
    id,
    name: cut(textOf(row.name).toLowerCase(), SHORT),
    description: cut(textOf(row.description), LONG),
    value,
    created: time(row.created),
    expires: time(row.expireson),
    lastUse: time(row.lastuse),
    rights: rightsIn(row),
  }
}
