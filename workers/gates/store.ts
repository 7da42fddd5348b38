import { openStore } from '../../store/index.ts'
import type { AppRequest } from '../request.ts'

/** Puts the bindings, the store over them and the request's own lifetime on the request. */
export function withStore(request: AppRequest, env: Env, ctx: ExecutionContext): void {
  request.env = env
  request.store = openStore(env)
  request.waitUntil = (promise) => ctx.waitUntil(promise)
  request.exports = ctx.exports
}
