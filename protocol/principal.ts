import type { Scope } from './oauth/scope.ts'

/** Who a verified request comes from. Nothing else identifies a caller past the bearer gate. */
export type Principal = GrantedPrincipal | AnonymousPrincipal

export interface GrantedPrincipal {
  kind: 'granted'
  grantId: string
  clientId: string
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
 * step-up (which makes a new grant) does not end the session it happened in.
 */
export function principalKey(principal: Principal): string {
  return principal.kind === 'granted' ? JSON.stringify([principal.clientId, principal.userId ?? null]) : 'anonymous'
}
