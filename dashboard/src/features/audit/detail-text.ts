import type { NameOf } from './names.ts'

/** Texts for null in fields where null means no limit. */
export const UNLIMITED: Record<string, string> = { tools: 'all', maxUses: 'no limit' }
/** Fields with the id of something that has a name. */
const NAMED = new Set(['userId', 'clientId', 'providerId', 'identityProviderId', 'keyId', 'tokenId'])

export function detailText(name: string, value: unknown, nameOf: NameOf): string {
  if (value === null) return UNLIMITED[name] ?? '–'
  if (Array.isArray(value)) return value.join(', ') || 'none'
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([part, of]) => `${part} ${detailText(part, of, nameOf)}`)
      .join('; ')
  return NAMED.has(name) ? nameOf(String(value)) : String(value)
}
