import { sha256 } from '../../protocol/random.ts'
import { findOpenInvitation } from '../../store/tenants/invitations.ts'
import type { AppRequest } from '../request.ts'

/**
 * Checks the operator's sign-up setting. Sign-up by invitation requires an open invitation in
 * `next`.
 */
export async function maySignUp({ store, env }: Pick<AppRequest, 'store' | 'env'>, next: string): Promise<boolean> {
  if (env.SIGN_UP === 'open') return true
  const token = /^\/auth\/invitation\/([\w-]{43})$/.exec(next)?.[1]
  if (env.SIGN_UP !== 'invitation' || token === undefined) return false
  return (await findOpenInvitation(store, await sha256(token), new Date())) !== undefined
}

/** Returns the reason for closed sign-up, as shown to the person. */
export function closedReason({ SIGN_UP }: Pick<Env, 'SIGN_UP'>): { title: string; detail: string } {
  return SIGN_UP === 'invitation'
    ? { title: 'Invitation required', detail: 'Ask a member of a tenant for an invitation link, and open the link to sign up.' }
    : { title: 'Sign-up is closed', detail: 'The operator does not allow new accounts.' }
}
