import { notFound, Problem } from '../protocol/problem.ts'

export function json(body: unknown, init: ResponseInit = {}): Response {
  const headers = new Headers(init.headers)
  if (!headers.has('Content-Type')) headers.set('Content-Type', 'application/json')
  return new Response(JSON.stringify(body), { ...init, headers })
}

/** For every answer that carries, or could have carried, a credential (RFC 6749 §5.1). */
export function noStore(response: Response): Response {
  const copy = new Response(response.body, response)
  copy.headers.set('Cache-Control', 'no-store')
  copy.headers.set('Pragma', 'no-cache')
  return copy
}

/** A redirect that no cache keeps. A form is followed by 303 and never by 307, which would send the form on (RFC 9700 §4.12). */
export function redirect(status: 302 | 303, location: string, headers: HeadersInit = {}): Response {
  const response = new Response(null, { status, headers })
  response.headers.set('Location', location)
  response.headers.set('Cache-Control', 'no-store')
  response.headers.set('Referrer-Policy', 'same-origin')
  return response
}

/** A redirect after a form, with the cookies of `from`. */
export function seeOther(location: string, from: Headers = new Headers()): Response {
  return redirect(
    303,
    location,
    from.getSetCookie().map((cookie): [string, string] => ['Set-Cookie', cookie]),
  )
}

/** RFC 9457. */
export function problem({ status, title, message, errors, headers }: Problem): Response {
  const body = { title, status, detail: message, ...(errors.length > 0 ? { errors } : {}) }
  return json(body, { status, headers: { ...headers, 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' } })
}

/** The last step of the router: what no route answered is not here. */
export function orNotFound(response: Response | undefined): Response {
  return response ?? problem(notFound())
}

export function methodNotAllowed(allow: string): Response {
  return problem(new Problem(405, 'Method not allowed', `This address answers ${allow}.`, { headers: { Allow: allow } }))
}
