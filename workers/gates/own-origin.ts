import { Problem } from '../../protocol/problem.ts'
import type { AppRequest, Gate } from '../request.ts'

/**
 * A change a browser asks for must come from a page of our own: `Origin` equal to PUBLIC_ORIGIN; absent or `null` only where the browser itself vouches
 * for the same origin. A request that carries a personal API token instead of a cookie cannot be forged by another site, so it passes.
 */
export const withOwnOrigin: Gate<AppRequest> = ({ headers, addresses }) => {
  const origin = headers.get('Origin')
  if (origin === addresses.origin) return
  if ((origin === null || origin === 'null') && headers.get('Sec-Fetch-Site') === 'same-origin') return
  if (origin === null && headers.get('Authorization') !== null && headers.get('Cookie') === null) return
  throw new Problem(403, 'Another origin', `Changes are taken from pages of ${addresses.origin} only: the Origin header must say so.`)
}
