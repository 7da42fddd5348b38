import type { AppRequest, Gate } from '../request.ts'

/** Sets the form of errors: OAuth JSON for endpoints whose clients parse nothing else, a page for endpoints that people open in a browser. */
export function speaks(form: NonNullable<AppRequest['speaks']>): Gate<AppRequest> {
  return (request) => {
    request.speaks = form
  }
}
