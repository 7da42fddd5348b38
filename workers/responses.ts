import { notFound, Problem } from '../protocol/problem.ts'

export function json(body: unknown, init: ResponseInit = {}): Response {
  const headers = new Headers(init.headers)
  if (!headers.has('Content-Type')) headers.set('Content-Type', 'application/json')
  return new Response(JSON.stringify(body), { ...init, headers })
}

/**
 * Forbids caching. Required for every response with a credential, and for errors of the same
 * endpoints (RFC 6749 §5.1).
 */
export function noStore(response: Response): Response {
  const copy = new Response(response.body, response)
  copy.headers.set('Cache-Control', 'no-store')
  copy.headers.set('Pragma', 'no-cache')
  return copy
}

/**
 * Redirects without caching. After a form the status is 303, because 307 would send the form to the
 * new location (RFC 9700 §4.12).
 */
export function redirect(status: 302 | 303, location: string, headers: HeadersInit = {}): Response {
  const response = new Response(null, { status, headers })
  response.headers.set('Location', location)
  response.headers.set('Cache-Control', 'no-store')
  response.headers.set('Referrer-Policy', 'same-origin')
  return response
}

/** Redirects after a form, with the cookies of `from`. */
export function seeOther(location: string, from: Headers = new Headers()): Response {
  return redirect(
    303,
    location,
    from.getSetCookie().map((cookie): [string, string] => ['Set-Cookie', cookie]),
  )
}

/** Returns an RFC 9457 problem document. */
export function problem({ status, title, message, errors, headers }: Problem): Response {
  const body = { title, status, detail: message, ...(errors.length > 0 ? { errors } : {}) }
  return json(body, { status, headers: { ...headers, 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' } })
}

/** Replies 404 if no route has replied. A last step of the router. */
export function orNotFound(response: Response | undefined): Response {
  return response ?? problem(notFound())
}

export function methodNotAllowed(allow: string): Response {
  return problem(new Problem(405, 'Method not allowed', `The methods of this URL are ${allow}.`, { headers: { Allow: allow } }))
}
