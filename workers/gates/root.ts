import { rootUrls } from '../../protocol/location.ts'
import type { Gate, IssuerRequest } from '../request.ts'

/**
 * Sets the URLs of the root issuer, for clients of revision 2025-03-26, which look for the
 * authorization server at the root of the host.
 */
export const withRoot: Gate<IssuerRequest> = (request) => {
  request.urls = rootUrls(request.addresses)
}
