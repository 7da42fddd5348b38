import type { AppRequest, Gate } from '../request.ts'

/** For endpoints whose callers read OAuth errors alone: also what goes wrong inside is told as one. */
export const asOAuth: Gate<AppRequest> = (request) => {
  request.speaksOAuth = true
}
