import { Problem } from '../../protocol/problem.ts'
import type { Gate, UserRequest } from '../request.ts'

/** A tenant of one's own is of no tenant's identity provider to make. */
export const withWholeAccount: Gate<UserRequest> = ({ onlyTenant }) => {
  if (onlyTenant !== undefined)
    throw new Problem(
      403,
      'Not allowed',
      'You were signed in by the identity provider of a tenant, which reaches that tenant only. Sign in with your own password for this.',
    )
}
