import { sha256 } from '../../protocol/random.ts'
import { findOpenInvitation } from '../../store/tenants/invitations.ts'
import type { AppRequest } from '../request.ts'

/** As the operator set it. By invitation: the way on must lead to one that is still open. */
export async function maySignUp({ store, env }: Pick<AppRequest, 'store' | 'env'>, next: string): Promise<boolean> {
  if (env.SIGN_UP === 'open') return true
  const token = /^\/auth\/invitation\/([\w-]{43})$/.exec(next)?.[1]
  if (env.SIGN_UP !== 'invitation' || token === undefined) return false
  return (await findOpenInvitation(store, await sha256(token), new Date())) !== undefined
}

/** Why nobody can sign up, to whom it keeps out. */
export function closedReason({ SIGN_UP }: Pick<Env, 'SIGN_UP'>): { title: string; detail: string } {
  return SIGN_UP === 'invitation'
    ? { title: 'An invitation is needed', detail: 'Ask a member of a tenant here for an invitation link, and open it first.' }
    : { title: 'Sign-up is closed', detail: 'No new accounts are made here at present.' }
}
