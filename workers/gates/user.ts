import { Problem } from '../../protocol/problem.ts'
import { sha256 } from '../../protocol/random.ts'
import { findPersonalToken, touchPersonalToken } from '../../store/people/personal-tokens.ts'
import type { Role } from '../../store/schema/tenants.ts'
import { authEngine } from '../auth/engine.ts'
import type { AppRequest, Gate } from '../request.ts'

/** A person, to deploy or to approve an agentic app. */
export interface User {
  id: string
  name: string
  email: string
  operator: boolean
}

export interface SignedIn {
  user: User
  /** Of the browser's sign-in, new at each. */
  signInId: string
  /** The one tenant this sign-in reaches, whose own identity provider said who it is. Undefined = all of the person's. */
  onlyTenant: string | undefined
}

/** Behind withUser: a person by their browser's sign-in, or by a personal API token, which reaches one tenant in at most one role. */
export interface UserRequest extends AppRequest {
  user: User
  personalToken: { tenantId: string; role: Role } | undefined
  /** Of the browser's sign-in; undefined for a token. */
  signInId: string | undefined
  /** The one tenant this request reaches: the token's, or the one whose own identity provider signed the person in. Undefined = all of the person's. */
  onlyTenant: string | undefined
}

/** False for a browser that certainly has no sign-in, which costs no look at the database; true says only that it claims one. */
export function mayBeSignedIn({ headers }: AppRequest): boolean {
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

/** Who asks, by personal API token or cookie; past 600 changes a minute of one person's, 429. What reaches one tenant alone is counted apart. */
export const withUser: Gate<UserRequest> = async (request) => {
  await identify(request)
  if (request.method === 'GET' || request.method === 'HEAD') return
  const { success } = await request.env.API_RATE_LIMIT.limit({ key: JSON.stringify([request.user.id, request.onlyTenant ?? '']) })
  if (!success) throw new Problem(429, 'Too many changes', 'Wait a minute, then go on more slowly.', { headers: { 'Retry-After': '60' } })
}

async function identify(request: UserRequest): Promise<void> {
  const authorization = request.headers.get('Authorization')
  if (authorization !== null) {
    const token = /^Bearer +(wharf_pat_[\w-]{43}) *$/i.exec(authorization)?.[1]
    const found = token === undefined ? undefined : await findPersonalToken(request.store, await sha256(token), new Date())
    if (!found) throw signInNeeded('The API token is not valid: it may have expired or been deleted.')
    request.waitUntil(touchPersonalToken(request.store, found.id, new Date()))
    request.user = { ...found.user, operator: false }
    request.personalToken = { tenantId: found.tenantId, role: found.role }
    request.signInId = undefined
    request.onlyTenant = found.tenantId
    return
  }
  const signedIn = await findSignIn(request)
  if (!signedIn) throw signInNeeded('Sign in, or send a personal API token as Authorization: Bearer wharf_pat_….')
  request.user = signedIn.user
  request.personalToken = undefined
  request.signInId = signedIn.signInId
  request.onlyTenant = signedIn.onlyTenant
}

function signInNeeded(detail: string): Problem {
  return new Problem(401, 'Not signed in', detail, { headers: { 'WWW-Authenticate': 'Bearer' } })
}
