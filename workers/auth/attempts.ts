import { callerNetwork } from '../caller-network.ts'
import type { AppRequest } from '../request.ts'
import { html, page } from '../pages/page.ts'

/**
 * Counts an attempt, and returns false past the limits per minute: 60 per network and 600 per
 * account. Called before hashing a password, because a hash takes 75 ms of CPU time. Only ten
 * networks together can lock out the owner of an account.
 */
export async function withinAuthLimit({ headers, env }: AppRequest, account?: string): Promise<boolean> {
  const byNetwork = await env.AUTH_RATE_LIMIT.limit({ key: JSON.stringify(['address', callerNetwork(headers)]) })
  if (!byNetwork.success || account === undefined) return byNetwork.success
  return (await env.ACCOUNT_RATE_LIMIT.limit({ key: account.toLowerCase() })).success
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
