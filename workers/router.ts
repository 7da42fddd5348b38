import { Router } from 'itty-router'
import { acceptInvitationForm, showInvitation } from './auth/invitation.ts'
import { showSignIn, signIn, signOut } from './auth/sign-in.ts'
import { showMe } from './api/me.ts'
import { showSignUp, signUp } from './auth/sign-up.ts'
import { toResponse } from './errors.ts'
import { withClient } from './gates/client.ts'
import { withBearer } from './gates/bearer.ts'
import { withHostedServer, withKnownServer } from './gates/hosted-server.ts'
import { withOrigin } from './gates/origin.ts'
import { withRateLimit } from './gates/rate-limit.ts'
import { endpoint, versionEndpoint } from './mcp/endpoint.ts'
import { allowOrigins, publicCors } from './gates/public-cors.ts'
import { withOwnOrigin } from './gates/own-origin.ts'
import { withUser } from './gates/user.ts'
import { withStore } from './gates/store.ts'
import { authorize } from './oauth/authorize.ts'
import { consent } from './oauth/consent.ts'
import { authorizationServerMetadata, protectedResourceMetadata } from './oauth/metadata.ts'
import { register } from './oauth/register.ts'
import { revoke } from './oauth/revoke.ts'
import { token } from './oauth/token.ts'
import type { AppRequest } from './request.ts'
import { json, methodNotAllowed, orNotFound } from './responses.ts'

/** Every route with its gates. Security is reviewed on this page. */
export const router = Router<AppRequest, [env: Env, ctx: ExecutionContext], Response>({
  before: [withStore],
  catch: toResponse,
  finally: [orNotFound, allowOrigins],
})
  .get('/', ({ addresses }) => Response.redirect(`${addresses.origin}/dashboard/`, 302))
  .get('/healthz', () => json({ status: 'ok' }))
  .get('/dashboard/*', (request, env) => env.ASSETS.fetch(request as unknown as Request))
  // people
  .get('/auth/sign-in', showSignIn)
  .post('/auth/sign-in', withOwnOrigin, signIn)
  .all('/auth/sign-in', () => methodNotAllowed('GET, POST'))
  .get('/auth/sign-up', showSignUp)
  .post('/auth/sign-up', withOwnOrigin, signUp)
  .all('/auth/sign-up', () => methodNotAllowed('GET, POST'))
  .post('/auth/sign-out', withOwnOrigin, signOut)
  .all('/auth/sign-out', () => methodNotAllowed('POST'))
  .get('/auth/invitation/:token', showInvitation)
  .post('/auth/invitation/:token', withOwnOrigin, acceptInvitationForm)
  .get('/api/me', withUser, showMe)
  // a hosted server's authorization server
  .all('/.well-known/oauth-protected-resource/:tenant/:server/mcp', publicCors('GET', 'HEAD'), withHostedServer, protectedResourceMetadata)
  .all('/.well-known/oauth-authorization-server/:tenant/:server', publicCors('GET', 'HEAD'), withHostedServer, authorizationServerMetadata)
  .all('/.well-known/openid-configuration/:tenant/:server', publicCors('GET', 'HEAD'), withHostedServer, authorizationServerMetadata)
  .all('/:tenant/:server/.well-known/openid-configuration', publicCors('GET', 'HEAD'), withHostedServer, authorizationServerMetadata)
  .all('/:tenant/:server/register', publicCors('POST'), withHostedServer, register)
  .all('/:tenant/:server/token', publicCors('POST'), withHostedServer, withClient, token)
  .all('/:tenant/:server/revoke', publicCors('POST'), withHostedServer, withClient, revoke)
  .get('/:tenant/:server/authorize', withHostedServer, authorize)
  .post('/:tenant/:server/consent', withHostedServer, withOwnOrigin, consent)
  .all('/:tenant/:server/authorize', withHostedServer, () => methodNotAllowed('GET'))
  .all('/:tenant/:server/consent', withHostedServer, () => methodNotAllowed('POST'))
  // its MCP endpoint
  .all('/:tenant/:server/mcp', withKnownServer, withOrigin, withBearer, withRateLimit, endpoint)
  .all('/:tenant/:server/mcp/versions/:number', withKnownServer, withOrigin, withBearer, withRateLimit, versionEndpoint)
