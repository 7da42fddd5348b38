import type { AppRequest } from '../request.ts'
import { html, page } from '../pages/page.ts'

/** False past 60 attempts a minute from one address, or at one account where one is named: asked before a password is hashed, which costs 75 ms of CPU. */
export async function withinAuthLimit(request: AppRequest, env: Env, account: string | undefined): Promise<boolean> {
  const address = request.headers.get('CF-Connecting-IP') ?? 'unknown'
  const [byAddress, byAccount] = await Promise.all([
    env.AUTH_RATE_LIMIT.limit({ key: JSON.stringify(['address', address]) }),
    account === undefined ? { success: true } : env.AUTH_RATE_LIMIT.limit({ key: JSON.stringify(['account', account.toLowerCase()]) }),
  ])
  return byAddress.success && byAccount.success
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
