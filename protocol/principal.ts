import type { Scope } from './oauth/scope.ts'

/** Who a verified request comes from. Nothing else identifies a caller past the bearer gate. */
export type Principal = GrantedPrincipal | AnonymousPrincipal

export interface GrantedPrincipal {
  kind: 'granted'
  /** What it ends with: a user's grant, a machine grant or an access key. */
  grantId: string
  /** `access-key:{id}` where a person's access key stands in for a client. */
  clientId: string
  /** Set where an access key was shown in place of a token. */
  accessKeyId?: string
  /** Absent when a client acts for itself (client credentials). */
  userId: string | undefined
  scopes: Scope[]
  /** The tools this grant was narrowed to at consent; undefined = all. */
  tools: string[] | undefined
  /** Milliseconds since the epoch. */
  expiresAt: number
}

/** A caller without a token at a `public` server: may do what `mcp:read` covers. */
export interface AnonymousPrincipal {
  kind: 'anonymous'
}

export const ANONYMOUS: AnonymousPrincipal = { kind: 'anonymous' }

/** The scopes a principal acts with. */
export function scopesOf(principal: Principal): readonly Scope[] {
  return principal.kind === 'granted' ? principal.scopes : ['mcp:read']
}

/**
 * Names the principal where two must be told apart: session ids, stream caps, rate limits, sealed state. By client and user, not by grant, so that a
 * step-up (which makes a new grant) does not end the session it happened in. An access key is a principal of its own: two keys of one person or client are
 * two installations, which may be narrowed to different tools, and neither may read on in a session of the other's.
 */
export function principalKey(principal: Principal): string {
  if (principal.kind === 'anonymous') return 'anonymous'
  const { clientId, userId, accessKeyId } = principal
  return JSON.stringify([clientId, userId ?? null, ...(accessKeyId === undefined ? [] : [accessKeyId])])
}
