import { randomToken } from '../../protocol/random.ts'
import type { AppRequest, Handler } from '../request.ts'
import { landingPage } from './landing.ts'
import { PAGE_HEADERS } from './page.ts'
import { mayBeSignedIn } from '../people.ts'
import { seeOther } from '../responses.ts'

/** Vite's name for what its hash names: see dashboard/vite.config.ts. */
const HASHED = '/dashboard/assets/'
const NONCE = '__CSP_NONCE__'

/**
 * The dashboard: its files, and for any other page below it the one document that is all of them. Somebody who is not signed in gets a page without script:
 * what this is, or the way to sign in.
 */
export const dashboard: Handler<AppRequest> = async (request) => {
  const { path } = request.location
  if (path === '/dashboard') return Response.redirect(`${request.addresses.origin}/dashboard/`, 302)
  if (path !== '/dashboard/' && path !== '/dashboard/index.html') {
    const asset = await request.env.ASSETS.fetch(request)
    const isPage = request.headers.get('Accept')?.includes('text/html') === true && !path.startsWith(HASHED)
    if (asset.status !== 404 || !isPage) return withHeaders(asset, path)
  }
  if (mayBeSignedIn(request)) return app(request)
  if (path === '/dashboard/') return landingPage(request.env)
  return seeOther(`/auth/sign-in?continue=${encodeURIComponent(path + new URL(request.url).search)}`)
}

/** index.html with a nonce of its own. It goes out without a validator: a 304 would join this answer's policy to an older document's nonce. */
async function app({ addresses, env }: AppRequest): Promise<Response> {
  const index = await env.ASSETS.fetch(`${addresses.origin}/dashboard/index.html`)
  if (!index.ok) throw new Error('the assets have no index.html: was the dashboard built?')
  const nonce = randomToken(16)
  return new Response((await index.text()).replaceAll(NONCE, nonce), {
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-cache',
      'Content-Security-Policy': policy(`'nonce-${nonce}'`),
      'Cross-Origin-Opener-Policy': 'same-origin',
      ...PAGE_HEADERS,
    },
  })
}

function withHeaders(asset: Response, path: string): Response {
  const response = new Response(asset.body, asset)
  for (const [name, value] of Object.entries(PAGE_HEADERS)) response.headers.set(name, value)
  // a worker's policy is that of its own script
  response.headers.set('Content-Security-Policy', policy())
  if (asset.ok && path.startsWith(HASHED)) response.headers.set('Cache-Control', 'public, max-age=31536000, immutable')
  return response
}

/**
 * No inline script. WebAssembly may be compiled, for the bundler in the editor. The nonce is for style elements that libraries make as they run (a dialog's
 * scroll lock, the editor's themes): with it no other inline style applies, and style attributes in markup do not either.
 */
function policy(styleNonce = ''): string {
  return [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    `style-src 'self' ${styleNonce}`.trim(),
    "img-src 'self' data: blob:", // what a tool answers with; nothing is fetched from elsewhere
    'media-src data: blob:',
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}
