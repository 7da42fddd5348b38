import { sha256 } from '../protocol/random.ts'
import { findPersonalToken, touchPersonalToken } from '../store/people/personal-tokens.ts'
import type { Role } from '../store/schema/tenants.ts'
import { authEngine } from './auth-engine.ts'
import type { AppRequest, User } from './request.ts'

export interface SignedIn {
  user: User
  /** Of the browser's sign-in, new at each. */
  signInId: string
  /** The one tenant this sign-in reaches, whose own identity provider said who it is. Undefined = all of the person's. */
  onlyTenant: string | undefined
}

/** False for a browser that certainly has no sign-in, which costs no look at the database; true says only that it claims one. */
export function mayBeSignedIn({ headers }: Pick<AppRequest, 'headers'>): boolean {
  return headers.get('Cookie')?.includes('wharf-sign-in=') === true
}

/**
 * Who is signed in with this browser, by cookie alone, as far as it counts in this tenant; undefined asks for what is of no one tenant. Whom a tenant's own
 * identity provider signed in is nobody anywhere else: its owners decide what it says.
 */
export async function findSignedIn(request: AppRequest, tenantId: string | undefined): Promise<SignedIn | undefined> {
  const found = await findSignIn(request)
  return found && countsIn(found, tenantId) ? found : undefined
}

export function countsIn({ onlyTenant }: SignedIn, tenantId: string | undefined): boolean {
  return onlyTenant === undefined || onlyTenant === tenantId
}

/** The same where it is not known yet which tenant is asked for: the caller holds what it does to `onlyTenant` itself. */
export async function findSignIn(request: AppRequest): Promise<SignedIn | undefined> {
  if (!mayBeSignedIn(request)) return undefined
  const found = await authEngine(request.env).api.getSession({ headers: new Headers({ Cookie: request.headers.get('Cookie') ?? '' }) })
  if (!found) return undefined
  const { id, name, email, operator } = found.user
  const onlyTenant = found.session.tenantId ?? undefined
  return { user: { id, name, email, operator: operator === true && onlyTenant === undefined }, signInId: found.session.id, onlyTenant }
}

/** A person by their personal API token, which reaches one tenant in at most one role. */
export interface TokenHolder {
  user: User
  tenantId: string
  role: Role
}

/** The holder of the personal API token in an Authorization header. */
export async function findTokenHolder({ store, waitUntil }: AppRequest, authorization: string): Promise<TokenHolder | undefined> {
  const token = /^Bearer +(wharf_pat_[\w-]{43}) *$/i.exec(authorization)?.[1]
  const found = token === undefined ? undefined : await findPersonalToken(store, await sha256(token), new Date())
  if (!found) return undefined
  waitUntil(touchPersonalToken(store, found.id, new Date()))
  return { user: { ...found.user, operator: false }, tenantId: found.tenantId, role: found.role }
}
