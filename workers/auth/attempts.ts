import { callerNetwork } from '../caller-network.ts'
import type { AppRequest } from '../request.ts'
import { html, page } from '../pages/page.ts'

/**
 * False past 60 attempts a minute from one network, or 600 at one account where one is named: asked before a password is hashed, which costs 75 ms of CPU.
 * It takes ten networks together to use up an account's, and so to keep its owner out.
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
