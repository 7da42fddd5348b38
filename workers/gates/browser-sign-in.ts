import { Problem } from '../../protocol/problem.ts'
import type { Gate, UserRequest } from '../request.ts'

/** What concerns the person and not one tenant is out of a personal API token's reach: it could otherwise make itself others. */
export const withBrowserSignIn: Gate<UserRequest> = ({ personalToken }) => {
  if (personalToken) throw new Problem(403, 'Not allowed', 'A personal API token reaches its tenant only. Sign in with a browser for this.')
}
