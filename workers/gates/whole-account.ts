import { Problem } from '../../protocol/problem.ts'
import type { Gate, UserRequest } from '../request.ts'

/** Throws 403 for a sign-in through a tenant's provider, which is valid in that tenant only. */
export const withWholeAccount: Gate<UserRequest> = ({ onlyTenant }) => {
  if (onlyTenant !== undefined)
    throw new Problem(
      403,
      'Not allowed',
      "Your sign-in through a tenant's identity provider is valid in that tenant only. Sign in with your password.",
    )
}
