import { sha256 } from '../protocol/random.ts'
import { findPersonalToken, touchPersonalToken } from '../store/people/personal-tokens.ts'
import type { Role } from '../store/schema/tenants.ts'
import { authEngine } from './auth-engine.ts'
import type { AppRequest, User } from './request.ts'

export interface SignedIn {
  user: User
  /** Id of the browser's sign-in, new at every sign-in. */
  signInId: string
  /**
   * The only tenant within reach of the sign-in, because an identity provider of the tenant named
   * the person. Undefined = all tenants of the person.
   */
  onlyTenant: string | undefined
}

/**
 * Returns false if the browser has no sign-in cookie, without a query. A sign-in cookie may still
 * be invalid.
 */
export function hasSignInCookie({ headers }: Pick<AppRequest, 'headers'>): boolean {
  return headers.get('Cookie')?.includes('wharf-sign-in=') === true
}

/**
 * Returns the sign-in of the browser, by cookie alone, if valid in the tenant. A sign-in through a
 * tenant's provider is valid in the same tenant only, because the owners of the tenant control the
 * provider. Pass undefined for pages of no tenant.
 */
export async function findSignedIn(request: AppRequest, tenantId: string | undefined): Promise<SignedIn | undefined> {
  const found = await findSignIn(request)
  return found && reachesTenant(found, tenantId) ? found : undefined
}

export function reachesTenant({ onlyTenant }: SignedIn, tenantId: string | undefined): boolean {
  return onlyTenant === undefined || onlyTenant === tenantId
}

/**
 * Returns the sign-in of the browser while the tenant is not known yet. The caller must apply
 * `onlyTenant`.
 */
export async function findSignIn(request: AppRequest): Promise<SignedIn | undefined> {
  if (!hasSignInCookie(request)) return undefined
  const found = await authEngine(request.env).api.getSession({ headers: new Headers({ Cookie: request.headers.get('Cookie') ?? '' }) })
  if (!found) return undefined
  const { id, name, email, operator } = found.user
  const onlyTenant = found.session.tenantId ?? undefined
  return { user: { id, name, email, operator: operator === true && onlyTenant === undefined }, signInId: found.session.id, onlyTenant }
}

/**
 * The owner of a personal API token. The token reaches a single tenant, with at most the role of
 * the token.
 */
export interface TokenHolder {
  user: User
  tenantId: string
  role: Role
}

/** Returns the owner of the personal API token in an Authorization header. */
export async function findTokenHolder({ store, waitUntil }: AppRequest, authorization: string): Promise<TokenHolder | undefined> {
  const token = /^Bearer +(wharf_pat_[\w-]{43}) *$/i.exec(authorization)?.[1]
  const found = token === undefined ? undefined : await findPersonalToken(store, await sha256(token), new Date())
  if (!found) return undefined
  waitUntil(touchPersonalToken(store, found.id, new Date()))
  return { user: { ...found.user, operator: false }, tenantId: found.tenantId, role: found.role }
}
