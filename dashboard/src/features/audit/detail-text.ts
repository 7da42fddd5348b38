export type NameOf = (userId: string) => string

/** Texts for null in fields where null means no limit. */
const UNLIMITED: Record<string, string> = { tools: 'all', maxUses: 'no limit' }

export function detailText(name: string, value: unknown, nameOf: NameOf): string {
  if (value === null) return UNLIMITED[name] ?? '–'
  if (Array.isArray(value)) return value.join(', ') || 'none'
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([part, of]) => `${part} ${detailText(part, of, nameOf)}`)
      .join('; ')
  return name === 'userId' ? nameOf(String(value)) : String(value)
}
