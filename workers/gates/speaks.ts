import type { AppRequest, Gate } from '../request.ts'

/**
 * Sets the form of errors: OAuth JSON for endpoints called by OAuth clients, or a page for
 * endpoints opened in a browser.
 */
export function speaks(form: NonNullable<AppRequest['speaks']>): Gate<AppRequest> {
  return (request) => {
    request.speaks = form
  }
}
