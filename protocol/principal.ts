import type { Scope } from './oauth/scope.ts'

/** Caller of a verified request. Handlers identify callers by the principal only. */
export type Principal = GrantedPrincipal | AnonymousPrincipal

export interface GrantedPrincipal {
  kind: 'granted'
  /**
   * Id of the user's grant, machine grant or access key. The principal is valid until the grant
   * ends.
   */
  grantId: string
  /** `access-key:{id}` for an access key of a user. */
  clientId: string
  /** Set for a request with an access key. */
  accessKeyId?: string
  /** Absent for a client acting for itself (client credentials). */
  userId: string | undefined
  scopes: Scope[]
  /** Tools allowed at consent; undefined for all tools. */
  tools: string[] | undefined
  /** Milliseconds since the epoch. */
  expiresAt: number
}

/** Caller without a token at a `public` server, with the rights of `mcp:read`. */
export interface AnonymousPrincipal {
  kind: 'anonymous'
}

export const ANONYMOUS: AnonymousPrincipal = { kind: 'anonymous' }

export function scopesOf(principal: Principal): readonly Scope[] {
  return principal.kind === 'granted' ? principal.scopes : ['mcp:read']
}

/**
 * Returns a key for session ids, stream limits, rate limits and sealed state. The key has client
 * and user but not the grant, so a step-up with a new grant keeps its session. An access key has a
 * key of its own, because two keys of a user can have different tools.
 */
export function principalKey(principal: Principal): string {
  if (principal.kind === 'anonymous') return 'anonymous'
  const { clientId, userId, accessKeyId } = principal
  return JSON.stringify([clientId, userId ?? null, ...(accessKeyId === undefined ? [] : [accessKeyId])])
}
