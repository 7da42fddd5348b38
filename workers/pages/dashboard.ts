import type { AppRequest, Handler } from '../request.ts'
import { PAGE_HEADERS } from './page.ts'

/** Static files of the dashboard; nothing else of the assets is served. */
export const dashboard: Handler<AppRequest> = async (request, env) => {
  const asset = await env.ASSETS.fetch(request as unknown as Request)
  const response = new Response(asset.body, asset)
  for (const [name, value] of Object.entries(PAGE_HEADERS)) response.headers.set(name, value)
  response.headers.set(
    'Content-Security-Policy',
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  )
  return response
}
