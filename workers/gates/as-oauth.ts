import type { AppRequest, Gate } from '../request.ts'

/** Renders every error as an OAuth error, because callers of the endpoint read no other form. */
export const asOAuth: Gate<AppRequest> = (request) => {
  request.speaksOAuth = true
}
