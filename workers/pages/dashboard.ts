import { randomToken } from '../../protocol/random.ts'
import type { AppRequest, Handler } from '../request.ts'
import { landingPage } from './landing.ts'
import { PAGE_HEADERS } from './page.ts'
import { hasSignInCookie } from '../people.ts'
import { orNotFound, seeOther } from '../responses.ts'

/** Folder of files whose names contain their hash (dashboard/vite.config.ts). */
const HASHED = '/dashboard/assets/'
const NONCE = '__CSP_NONCE__'

/**
 * Serves the dashboard's files, and one document for every page path. Visitors without a sign-in
 * get a page without script: the landing page, or the sign-in page.
 */
export const dashboard: Handler<AppRequest> = async (request) => {
  const { path } = request.location
  if (path === '/dashboard') return Response.redirect(`${request.addresses.origin}/dashboard/`, 302)
  if (path !== '/dashboard/' && path !== '/dashboard/index.html') {
    const asset = await request.env.ASSETS.fetch(request)
    const isPage = request.headers.get('Accept')?.includes('text/html') === true && !path.startsWith(HASHED)
    if (asset.status !== 404 || !isPage) return withHeaders(asset, path)
  }
  if (hasSignInCookie(request)) return app(request)
  if (path === '/dashboard/') return landingPage(request)
  return seeOther(`/auth/sign-in?continue=${encodeURIComponent(path + new URL(request.url).search)}`)
}

/** Files of the pages rendered by the Worker. */
const OF_PAGES = /\/dashboard\/(?:[a-z-]+\.(?:css|svg)|page\.js|icon-\d+\.png|fonts\/[a-z-]+\.woff2)$/

/** Serves the files of a hosted server's page at the server's own host. */
export const pageFile: Handler<AppRequest> = async ({ location, addresses, env }) => {
  const [file] = OF_PAGES.exec(location.path) ?? []
  if (location.form !== 'host' || file === undefined) return orNotFound(undefined)
  return withHeaders(await env.ASSETS.fetch(addresses.origin + file), file)
}

/**
 * Serves index.html with a fresh nonce. Sends no validator, because a 304 would combine the new
 * policy with an old document's nonce.
 */
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
  // a web worker uses the Content Security Policy sent with its script
  response.headers.set('Content-Security-Policy', policy())
  if (asset.ok && path.startsWith(HASHED)) response.headers.set('Cache-Control', 'public, max-age=31536000, immutable')
  return response
}

/**
 * Returns a Content Security Policy without inline scripts. WebAssembly is allowed for the editor's
 * bundler. The nonce allows style elements that libraries create at run time (a dialog's scroll
 * lock, the editor's themes), and no other inline style.
 */
function policy(styleNonce = ''): string {
  return [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    `style-src 'self' ${styleNonce}`.trim(),
    "img-src 'self' data: blob:", // images in tool results; no foreign origin
    'media-src data: blob:',
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}
