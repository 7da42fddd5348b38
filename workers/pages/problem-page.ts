import type { ProblemBody } from '../../protocol/api.ts'
import { html, page } from './page.ts'

/** For a person whose browser went to an address: a page in place of the problem document (RFC 9457) that a program gets. */
export async function pageForPeople(response: Response, request: Request): Promise<Response> {
  const asksForPage = request.headers.get('Accept')?.includes('text/html') === true
  if (!asksForPage || response.headers.get('Content-Type') !== 'application/problem+json') return response
  const { title, detail, status } = await response.json<ProblemBody>()
  const shown = page({
    title,
    status,
    body: html`<h1>${title}</h1>
      <p>${detail}</p>
      <p><a href="/dashboard/">To the dashboard</a></p>`,
  })
  for (const [name, value] of response.headers) if (!/^(?:content-|cache-control)/i.test(name)) shown.headers.set(name, value)
  return shown
}
