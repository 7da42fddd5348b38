import { rootUrls } from '../../protocol/location.ts'
import type { Gate, IssuerRequest } from '../request.ts'

/** The root issuer: of every hosted server, for clients that look for its authorization server at the root of its host. */
export const withRoot: Gate<IssuerRequest> = (request) => {
  request.urls = rootUrls(request.addresses)
}
