/** What a grant at a hosted server can cover. `mcp:write` implies `mcp:read`; `offline_access` asks for a refresh token and is never required for a call. */
export const SCOPES = ['mcp:read', 'mcp:write', 'offline_access'] as const
export type Scope = (typeof SCOPES)[number]

export function isScope(text: string): text is Scope {
  return (SCOPES as readonly string[]).includes(text)
}

/** Wider scopes imply narrower ones: a grant with `mcp:write` may do what `mcp:read` allows. */
export function covers(granted: readonly Scope[], needed: Scope): boolean {
  return granted.includes(needed) || (needed === 'mcp:read' && granted.includes('mcp:write'))
}

/** What a client that acts for itself may have: there is no session of its own to stay in, so nothing to refresh. */
export const MACHINE_SCOPES = ['mcp:read', 'mcp:write'] as const satisfies readonly Scope[]

/** Those of `asked` that `allowed` covers, in their usual order. */
export function narrow(allowed: readonly Scope[], asked: readonly Scope[]): Scope[] {
  return SCOPES.filter((scope) => asked.includes(scope) && covers(allowed, scope))
}

/** What a grant may come to: `mcp:read` is part of every one, since nothing can be done without it; `offline_access` only of one that can be refreshed. */
export function grantableScopes(asked: readonly Scope[], { grantTypes }: { grantTypes: readonly string[] }): Scope[] {
  return SCOPES.filter(
    (scope) => scope === 'mcp:read' || (asked.includes(scope) && (scope !== 'offline_access' || grantTypes.includes('refresh_token'))),
  )
}

/** What both cover, with `mcp:read` where one of them has it by `mcp:write` alone. */
export function intersectScopes(some: readonly Scope[], others: readonly Scope[]): Scope[] {
  return SCOPES.filter((scope) => covers(some, scope) && covers(others, scope))
}
