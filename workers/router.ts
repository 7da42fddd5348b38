import { Router } from 'itty-router'
import { toResponse } from './errors.ts'
import { withStore } from './gates/store.ts'
import type { AppRequest } from './request.ts'
import { json, orNotFound } from './responses.ts'

/** Every route with its gates. Security is reviewed on this page. */
export const router = Router<AppRequest, [env: Env, ctx: ExecutionContext], Response>({
  before: [withStore],
  catch: toResponse,
  finally: [orNotFound],
})
  .get('/', ({ addresses }) => Response.redirect(`${addresses.origin}/dashboard/`, 302))
  .get('/healthz', () => json({ status: 'ok' }))
  .get('/dashboard/*', (request, env) => env.ASSETS.fetch(request as unknown as Request))
