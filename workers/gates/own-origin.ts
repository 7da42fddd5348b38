import { Problem } from '../../protocol/problem.ts'
import type { AppRequest, Gate } from '../request.ts'

/**
 * Throws 403 unless a change comes from the platform's pages: `Origin` equals PUBLIC_ORIGIN, or is
 * absent or `null` with `Sec-Fetch-Site: same-origin`. A request with a personal API token and no
 * cookie passes, because a foreign site cannot forge the token.
 */
export const withOwnOrigin: Gate<AppRequest> = ({ headers, addresses }) => {
  const origin = headers.get('Origin')
  if (origin === addresses.origin) return
  if ((origin === null || origin === 'null') && headers.get('Sec-Fetch-Site') === 'same-origin') return
  if (origin === null && headers.get('Authorization') !== null && headers.get('Cookie') === null) return
  throw new Problem(403, 'Foreign origin', `The Origin header must be ${addresses.origin} for requests that change data.`)
}
