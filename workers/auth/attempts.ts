import { z } from 'zod'
import { randomToken, sha256 } from '../../protocol/random.ts'
import { callerNetwork } from '../caller-network.ts'
import type { AppRequest } from '../request.ts'
import { html, page } from '../pages/page.ts'
import { openCookie, sealCookie, type CookiePurpose } from './sealed-cookie.ts'

/** A browser that has signed in to an account. Attempts of strangers do not count for it. */
const KNOWN_BROWSER = {
  name: 'known',
  seconds: 90 * 86_400,
  contents: z.object({ account: z.string(), id: z.string() }),
} satisfies CookiePurpose<Record<string, unknown>>

/**
 * Counts an attempt, and returns false past the limits per minute: 60 per network and 600 per
 * account. Called before hashing a password, because a hash takes 75 ms of CPU time. A browser that
 * has signed in to the account before has a count of its own, so strangers cannot lock the owner
 * out.
 */
export async function withinAuthLimit(request: AppRequest, address?: string): Promise<boolean> {
  const { headers, env } = request
  const byNetwork = await env.AUTH_RATE_LIMIT.limit({ key: JSON.stringify(['address', callerNetwork(headers)]) })
  if (!byNetwork.success || address === undefined) return byNetwork.success
  const account = address.toLowerCase()
  const known = await openCookie(request, KNOWN_BROWSER, await cookieKey(account))
  const key = known?.account === account ? ['known', account, known.id] : ['account', account]
  return (await env.ACCOUNT_RATE_LIMIT.limit({ key: JSON.stringify(key) })).success
}

/** Returns `Set-Cookie` values for a browser that has signed in with the address. */
export async function knownBrowser(request: AppRequest, address: string): Promise<string[]> {
  const account = address.toLowerCase()
  return sealCookie(request, KNOWN_BROWSER, await cookieKey(account), { account, id: randomToken(9) })
}

async function cookieKey(account: string): Promise<string> {
  return (await sha256(account)).slice(0, 12)
}

export function tooManyAttempts(): Response {
  return page({
    title: 'Too many attempts',
    status: 429,
    headers: { 'Retry-After': '60' },
    body: html`<h1>Too many attempts</h1>
      <p>Wait a minute, then try again.</p>`,
  })
}
