import { Problem } from '../../protocol/problem.ts'
import type { Gate, UserRequest } from '../request.ts'

/**
 * Throws 403 for a personal API token, at routes that concern the user and not one tenant.
 * Otherwise a token could create further tokens.
 */
export const withBrowserSignIn: Gate<UserRequest> = ({ personalToken }) => {
  if (personalToken) throw new Problem(403, 'Not allowed', 'A personal API token is valid for its tenant only. Sign in with a browser.')
}
