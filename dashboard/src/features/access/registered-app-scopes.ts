export const MACHINES = [
  { value: 'none', label: 'No, only clients created by a member' },
  { value: 'read', label: 'Yes, for read-only tools' },
  { value: 'write', label: 'Yes, for all tools' },
] as const

type Machines = (typeof MACHINES)[number]['value']

export const MACHINE_SCOPES: Record<Machines, string[]> = { none: [], read: ['mcp:read'], write: ['mcp:read', 'mcp:write'] }

export function machinesOf(scopes: readonly string[]): Machines {
  if (scopes.includes('mcp:write')) return 'write'
  return scopes.includes('mcp:read') ? 'read' : 'none'
}
