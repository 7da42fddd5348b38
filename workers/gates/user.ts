import { Problem } from '../../protocol/problem.ts'
import { sha256 } from '../../protocol/random.ts'
import { findPersonalToken, touchPersonalToken } from '../../store/personal-tokens.ts'
import type { Role } from '../../store/schema.ts'
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
}

/** Behind withUser: a person by their browser's sign-in, or by a personal API token, which reaches one tenant in at most one role. */
export interface UserRequest extends AppRequest {
  user: User
  personalToken: { tenantId: string; role: Role } | undefined
}

/** False for a browser that certainly has no sign-in, which costs no look at the database; true says only that it claims one. */
export function mayBeSignedIn({ headers }: AppRequest): boolean {
  return headers.get('Cookie')?.includes('wharf-sign-in=') === true
}

/** Who is signed in with this browser, by cookie alone. */
export async function findSignedIn(request: AppRequest, env: Env): Promise<SignedIn | undefined> {
  if (!mayBeSignedIn(request)) return undefined
  const found = await authEngine(env).api.getSession({ headers: new Headers({ Cookie: request.headers.get('Cookie') ?? '' }) })
  if (!found) return undefined
  const { id, name, email, operator } = found.user
  return { user: { id, name, email, operator: operator === true }, signInId: found.session.id }
}

/** Who asks, by personal API token or cookie; past 600 changes a minute of one person's, 429. */
export const withUser: Gate<UserRequest> = async (request, env, ctx) => {
  await identify(request, env, ctx)
  if (request.method === 'GET' || request.method === 'HEAD') return
  const { success } = await env.API_RATE_LIMIT.limit({ key: request.user.id })
  if (!success) throw new Problem(429, 'Too many changes', 'Wait a minute, then go on more slowly.', { headers: { 'Retry-After': '60' } })
}

async function identify(request: UserRequest, env: Env, ctx: ExecutionContext): Promise<void> {
  const authorization = request.headers.get('Authorization')
  if (authorization !== null) {
    const token = /^Bearer +(wharf_pat_[\w-]{43}) *$/i.exec(authorization)?.[1]
    const found = token === undefined ? undefined : await findPersonalToken(request.store, await sha256(token), new Date())
    if (!found) throw signInNeeded('The API token is not valid: it may have expired or been deleted.')
    ctx.waitUntil(touchPersonalToken(request.store, found.id, new Date()))
    request.user = found.user
    request.personalToken = { tenantId: found.tenantId, role: found.role }
    return
  }
  const signedIn = await findSignedIn(request, env)
  if (!signedIn) throw signInNeeded('Sign in, or send a personal API token as Authorization: Bearer wharf_pat_….')
  request.user = signedIn.user
  request.personalToken = undefined
}

function signInNeeded(detail: string): Problem {
  return new Problem(401, 'Not signed in', detail, { headers: { 'WWW-Authenticate': 'Bearer' } })
}
