import { openStore } from '../../store/index.ts'
import type { AppRequest } from '../request.ts'

/** Sets the bindings, the store and the execution context's functions on the request. */
export function withStore(request: AppRequest, env: Env, ctx: ExecutionContext): void {
  request.env = env
  request.store = openStore(env)
  request.waitUntil = (promise) => ctx.waitUntil(promise)
  request.exports = ctx.exports
}
