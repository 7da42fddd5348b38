import type { Answer, Call, McpRequest } from './source.ts'

/** The one way to ask a hosted server something: policy, deadline and caps around its source. `ctx` lives as long as the caller waits. */
export async function answer(
  _request: McpRequest,
  _call: Call,
  _env: Env,
  _ctx: { exports: Cloudflare.Exports; waitUntil(promise: Promise<unknown>): void },
): Promise<Answer> {
  throw new Error('hosting/answer is being built')
}
