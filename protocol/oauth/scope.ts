/**
 * Scopes of a hosted server. `mcp:write` implies `mcp:read`. `offline_access` requests a refresh
 * token; no call requires it.
 */
export const SCOPES = ['mcp:read', 'mcp:write', 'offline_access'] as const
export type Scope = (typeof SCOPES)[number]

export function isScope(text: string): text is Scope {
  return (SCOPES as readonly string[]).includes(text)
}

/** Returns true if the granted scopes cover the needed scope. `mcp:write` covers `mcp:read`. */
export function covers(granted: readonly Scope[], needed: Scope): boolean {
  return granted.includes(needed) || (needed === 'mcp:read' && granted.includes('mcp:write'))
}

/**
 * Scopes of machine clients. No `offline_access`, because a machine client can always request a new
 * token.
 */
export const MACHINE_SCOPES = ['mcp:read', 'mcp:write'] as const satisfies readonly Scope[]

/** Returns the requested scopes that `allowed` covers, in canonical order. */
export function narrow(allowed: readonly Scope[], asked: readonly Scope[]): Scope[] {
  return SCOPES.filter((scope) => asked.includes(scope) && covers(allowed, scope))
}

/**
 * Returns the scopes to offer: always `mcp:read`, and `offline_access` only for clients that can
 * refresh.
 */
export function grantableScopes(asked: readonly Scope[], { grantTypes }: { grantTypes: readonly string[] }): Scope[] {
  return SCOPES.filter(
    (scope) => scope === 'mcp:read' || (asked.includes(scope) && (scope !== 'offline_access' || grantTypes.includes('refresh_token'))),
  )
}

/** Returns the scopes covered by both. `mcp:write` counts as `mcp:read` too. */
export function intersectScopes(some: readonly Scope[], others: readonly Scope[]): Scope[] {
  return SCOPES.filter((scope) => covers(some, scope) && covers(others, scope))
}
