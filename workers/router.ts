import { Router } from 'itty-router'
import { listActivity, summarizeActivity } from './api/activity.ts'
import { acceptInvitationForm, showInvitation } from './auth/invitation.ts'
import { finishSignInHere } from './auth/openid/callback.ts'
import { acceptLink, showLink } from './auth/openid/link.ts'
import { startSignIn } from './auth/openid/start.ts'
import { showSignIn, signIn, signOut } from './auth/sign-in.ts'
import { createAccessKey, deleteAccessKey, listAccessKeys } from './api/access-keys.ts'
import { decideClient, listClients } from './api/clients.ts'
import { changeGrant, changeMyGrant, endGrant, endMyGrant, listGrants, listMyGrants, showMyGrant } from './api/grants.ts'
import { createIdentityLink, deleteIdentityLink, deleteMyIdentity, listIdentityLinks, listMyIdentities } from './api/identity-links.ts'
import {
  createIdentityProvider,
  deleteIdentityProvider,
  listIdentityProviders,
  showIdentityProvider,
  updateIdentityProvider,
  withIdentityProvider,
} from './api/identity-providers.ts'
import { idempotent } from './api/idempotent.ts'
import { createMyToken, deleteMyToken, listMyTokens, showMe, withBrowserSignIn, withWholeAccount } from './api/me.ts'
import { changeMember, createInvitation, deleteInvitation, listInvitations, listMembers, removeMember } from './api/members.ts'
import { changeEnvironment, createServer, deleteServer, listServers, showEnvironment, showServer, updateServer } from './api/servers.ts'
import { stepped } from './api/steps.ts'
import { createInitialAccessToken, deleteInitialAccessToken, listInitialAccessTokens } from './api/initial-access-tokens.ts'
import { deleteMachineGrant, listMachineGrants, putMachineGrant } from './api/machine-grants.ts'
import {
  createTenantClient,
  deleteTenantClient,
  endPreviousSecret,
  listTenantClients,
  rotateSecret,
  showTenantClient,
  updateTenantClient,
} from './api/tenant-clients.ts'
import { createTenant, deleteTenant, listAuditEvents, showTenant, updateTenant } from './api/tenants.ts'
import { activateVersion, listVersions, showModules, showVersion, uploadVersion } from './api/versions.ts'
import { showSignUp, signUp } from './auth/sign-up.ts'
import { toResponse } from './errors.ts'
import { withClient } from './gates/client.ts'
import { withBearer } from './gates/bearer.ts'
import { withHostedServer, withKnownServer } from './gates/hosted-server.ts'
import { withOrigin } from './gates/origin.ts'
import { withRateLimit } from './gates/rate-limit.ts'
import { withRoot } from './gates/root.ts'
import { endpoint, versionEndpoint } from './mcp/endpoint.ts'
import { allowOrigins, publicCors } from './gates/public-cors.ts'
import { withOwnOrigin } from './gates/own-origin.ts'
import { atLeast, withTenant, withTenantServer } from './gates/tenant.ts'
import { withUser } from './gates/user.ts'
import { withStore } from './gates/store.ts'
import { authorize } from './oauth/authorize.ts'
import { consent } from './oauth/consent.ts'
import { authorizationServerMetadata, protectedResourceMetadata, rootMetadata } from './oauth/metadata.ts'
import { dashboardClient } from './oauth/dashboard-client.ts'
import { deviceAuthorization } from './oauth/device-authorization.ts'
import { enterUserCode, showDevice } from './oauth/device.ts'
import { register, registerAtRoot } from './oauth/register.ts'
import { revoke } from './oauth/revoke.ts'
import { authorizeAtRoot, chooseServer } from './oauth/root-authorize.ts'
import { revokeAtRoot, tokenAtRoot } from './oauth/root-token.ts'
import { token } from './oauth/token.ts'
import { dashboard } from './pages/dashboard.ts'
import { pageAtEndpoint, pageForPeople } from './pages/problem-page.ts'
import { serverPage } from './pages/server-page.ts'
import { RESERVED_SLUGS } from '../protocol/location.ts'
import type { AppRequest } from './request.ts'
import { json, methodNotAllowed, orNotFound } from './responses.ts'

/** Every route with its gates. Security is reviewed on this page. */
export const router = Router<AppRequest, [env: Env, ctx: ExecutionContext], Response>({
  before: [withStore],
  catch: toResponse,
  finally: [orMethodNotAllowed, orNotFound, pageForPeople, pageAtEndpoint, allowOrigins],
})
  .get('/', ({ addresses }) => Response.redirect(`${addresses.origin}/dashboard/`, 302))
  .get('/healthz', () => json({ status: 'ok' }))
  .head('/healthz', () => json({ status: 'ok' })) // monitors ask like that
  .get('/dashboard/client.json', dashboardClient)
  .get('/dashboard/*', dashboard)
  // people
  .get('/auth/sign-in', showSignIn)
  .post('/auth/sign-in', withOwnOrigin, signIn)
  .all('/auth/sign-in', () => methodNotAllowed('GET, POST'))
  .get('/auth/sign-up', showSignUp)
  .post('/auth/sign-up', withOwnOrigin, signUp)
  .all('/auth/sign-up', () => methodNotAllowed('GET, POST'))
  .post('/auth/sign-out', withOwnOrigin, signOut)
  .all('/auth/sign-out', () => methodNotAllowed('POST'))
  .post('/auth/openid/start', withOwnOrigin, startSignIn)
  .get('/auth/openid/callback', finishSignInHere)
  .get('/auth/openid/:provider/callback', finishSignInHere)
  .get('/auth/openid/link', showLink)
  .post('/auth/openid/link', withOwnOrigin, acceptLink)
  .get('/auth/invitation/:token', showInvitation)
  .post('/auth/invitation/:token', withOwnOrigin, acceptInvitationForm)
  // the management API
  .get('/api/me', withUser, showMe)
  .get('/api/me/grants', withUser, withBrowserSignIn, listMyGrants)
  .get('/api/me/grants/:id', withUser, withBrowserSignIn, showMyGrant)
  .patch('/api/me/grants/:id', withOwnOrigin, withUser, withBrowserSignIn, changeMyGrant)
  .delete('/api/me/grants/:id', withOwnOrigin, withUser, withBrowserSignIn, endMyGrant)
  .get('/api/me/tokens', withUser, withBrowserSignIn, listMyTokens)
  .post('/api/me/tokens', withOwnOrigin, withUser, withBrowserSignIn, idempotent(createMyToken))
  .delete('/api/me/tokens/:id', withOwnOrigin, withUser, withBrowserSignIn, deleteMyToken)
  .get('/api/me/identities', withUser, withBrowserSignIn, listMyIdentities)
  .delete('/api/me/identities/:id', withOwnOrigin, withUser, withBrowserSignIn, deleteMyIdentity)
  .post('/api/tenants', withOwnOrigin, withUser, withBrowserSignIn, withWholeAccount, idempotent(createTenant))
  .get('/api/tenants/:tenant', withUser, withTenant, showTenant)
  .patch('/api/tenants/:tenant', withOwnOrigin, withUser, withTenant, atLeast('admin'), updateTenant)
  .delete('/api/tenants/:tenant', withOwnOrigin, withUser, withTenant, atLeast('owner'), deleteTenant)
  .get('/api/tenants/:tenant/members', withUser, withTenant, listMembers)
  .patch('/api/tenants/:tenant/members/:userId', withOwnOrigin, withUser, withTenant, atLeast('admin'), changeMember)
  .delete('/api/tenants/:tenant/members/:userId', withOwnOrigin, withUser, withTenant, removeMember)
  .get('/api/tenants/:tenant/invitations', withUser, withTenant, atLeast('admin'), listInvitations)
  .post('/api/tenants/:tenant/invitations', withOwnOrigin, withUser, withTenant, atLeast('admin'), idempotent(createInvitation))
  .delete('/api/tenants/:tenant/invitations/:id', withOwnOrigin, withUser, withTenant, atLeast('admin'), deleteInvitation)
  .get('/api/tenants/:tenant/clients', withUser, withTenant, atLeast('developer'), listTenantClients)
  .post('/api/tenants/:tenant/clients', withOwnOrigin, withUser, withTenant, atLeast('admin'), idempotent(createTenantClient))
  .get('/api/tenants/:tenant/clients/:client', withUser, withTenant, atLeast('developer'), showTenantClient)
  .patch('/api/tenants/:tenant/clients/:client', withOwnOrigin, withUser, withTenant, atLeast('admin'), updateTenantClient)
  .delete('/api/tenants/:tenant/clients/:client', withOwnOrigin, withUser, withTenant, atLeast('admin'), deleteTenantClient)
  .post('/api/tenants/:tenant/clients/:client/secret', withOwnOrigin, withUser, withTenant, atLeast('admin'), idempotent(rotateSecret))
  .delete('/api/tenants/:tenant/clients/:client/previous-secret', withOwnOrigin, withUser, withTenant, atLeast('admin'), endPreviousSecret)
  .get('/api/tenants/:tenant/audit', withUser, withTenant, atLeast('admin'), listAuditEvents)
  .get('/api/tenants/:tenant/identity-providers', withUser, withTenant, atLeast('admin'), listIdentityProviders)
  .post(
    '/api/tenants/:tenant/identity-providers',
    withOwnOrigin,
    withUser,
    withTenant,
    atLeast('owner'),
    idempotent(createIdentityProvider),
  )
  .get('/api/tenants/:tenant/identity-providers/:id', withUser, withTenant, atLeast('admin'), withIdentityProvider, showIdentityProvider)
  .patch(
    '/api/tenants/:tenant/identity-providers/:id',
    withOwnOrigin,
    withUser,
    withTenant,
    atLeast('owner'),
    withIdentityProvider,
    updateIdentityProvider,
  )
  .delete(
    '/api/tenants/:tenant/identity-providers/:id',
    withOwnOrigin,
    withUser,
    withTenant,
    atLeast('owner'),
    withIdentityProvider,
    deleteIdentityProvider,
  )
  .get('/api/tenants/:tenant/identity-providers/:id/links', withUser, withTenant, atLeast('admin'), withIdentityProvider, listIdentityLinks)
  .post(
    '/api/tenants/:tenant/identity-providers/:id/links',
    withOwnOrigin,
    withUser,
    withTenant,
    atLeast('owner'),
    withIdentityProvider,
    idempotent(createIdentityLink),
  )
  .delete(
    '/api/tenants/:tenant/identity-providers/:id/links/:linkId',
    withOwnOrigin,
    withUser,
    withTenant,
    atLeast('owner'),
    withIdentityProvider,
    deleteIdentityLink,
  )
  .get('/api/tenants/:tenant/servers', withUser, withTenant, listServers)
  .post('/api/tenants/:tenant/servers', withOwnOrigin, withUser, withTenant, atLeast('developer'), idempotent(createServer))
  .get('/api/tenants/:tenant/servers/:server', withUser, withTenant, withTenantServer, showServer)
  .patch('/api/tenants/:tenant/servers/:server', withOwnOrigin, withUser, withTenant, atLeast('admin'), withTenantServer, updateServer)
  .delete('/api/tenants/:tenant/servers/:server', withOwnOrigin, withUser, withTenant, atLeast('admin'), withTenantServer, deleteServer)
  .get('/api/tenants/:tenant/servers/:server/environment', withUser, withTenant, atLeast('developer'), withTenantServer, showEnvironment)
  .put(
    '/api/tenants/:tenant/servers/:server/environment',
    withOwnOrigin,
    withUser,
    withTenant,
    atLeast('developer'),
    withTenantServer,
    changeEnvironment,
  )
  .get('/api/tenants/:tenant/servers/:server/versions', withUser, withTenant, withTenantServer, listVersions)
  .post(
    '/api/tenants/:tenant/servers/:server/versions',
    withOwnOrigin,
    withUser,
    withTenant,
    atLeast('developer'),
    withTenantServer,
    stepped(idempotent(uploadVersion)),
  )
  .get('/api/tenants/:tenant/servers/:server/versions/:number', withUser, withTenant, withTenantServer, showVersion)
  .get(
    '/api/tenants/:tenant/servers/:server/versions/:number/modules',
    withUser,
    withTenant,
    atLeast('developer'),
    withTenantServer,
    showModules,
  )
  .post(
    '/api/tenants/:tenant/servers/:server/versions/:number/activate',
    withOwnOrigin,
    withUser,
    withTenant,
    atLeast('developer'),
    withTenantServer,
    idempotent(activateVersion),
  )
  .get('/api/tenants/:tenant/servers/:server/activity', withUser, withTenant, withTenantServer, listActivity)
  .get('/api/tenants/:tenant/servers/:server/activity/summary', withUser, withTenant, withTenantServer, summarizeActivity)
  .get('/api/tenants/:tenant/servers/:server/clients', withUser, withTenant, withTenantServer, listClients)
  .post(
    '/api/tenants/:tenant/servers/:server/client-approvals',
    withOwnOrigin,
    withUser,
    withTenant,
    atLeast('admin'),
    withTenantServer,
    decideClient,
  )
  .get(
    '/api/tenants/:tenant/servers/:server/initial-access-tokens',
    withUser,
    withTenant,
    atLeast('admin'),
    withTenantServer,
    listInitialAccessTokens,
  )
  .post(
    '/api/tenants/:tenant/servers/:server/initial-access-tokens',
    withOwnOrigin,
    withUser,
    withTenant,
    atLeast('admin'),
    withTenantServer,
    idempotent(createInitialAccessToken),
  )
  .delete(
    '/api/tenants/:tenant/servers/:server/initial-access-tokens/:id',
    withOwnOrigin,
    withUser,
    withTenant,
    atLeast('admin'),
    withTenantServer,
    deleteInitialAccessToken,
  )
  .get('/api/tenants/:tenant/servers/:server/grants', withUser, withTenant, atLeast('admin'), withTenantServer, listGrants)
  .patch(
    '/api/tenants/:tenant/servers/:server/grants/:id',
    withOwnOrigin,
    withUser,
    withTenant,
    atLeast('admin'),
    withTenantServer,
    changeGrant,
  )
  .delete(
    '/api/tenants/:tenant/servers/:server/grants/:id',
    withOwnOrigin,
    withUser,
    withTenant,
    atLeast('admin'),
    withTenantServer,
    endGrant,
  )
  .get(
    '/api/tenants/:tenant/servers/:server/machine-grants',
    withUser,
    withTenant,
    atLeast('developer'),
    withTenantServer,
    listMachineGrants,
  )
  .put(
    '/api/tenants/:tenant/servers/:server/machine-grants/:client',
    withOwnOrigin,
    withUser,
    withTenant,
    atLeast('admin'),
    withTenantServer,
    putMachineGrant,
  )
  .delete(
    '/api/tenants/:tenant/servers/:server/machine-grants/:client',
    withOwnOrigin,
    withUser,
    withTenant,
    atLeast('admin'),
    withTenantServer,
    deleteMachineGrant,
  )
  .get('/api/tenants/:tenant/servers/:server/access-keys', withUser, withTenant, atLeast('developer'), withTenantServer, listAccessKeys)
  .post(
    '/api/tenants/:tenant/servers/:server/access-keys',
    withOwnOrigin,
    withUser,
    withTenant,
    atLeast('developer'),
    withTenantServer,
    idempotent(createAccessKey),
  )
  .delete(
    '/api/tenants/:tenant/servers/:server/access-keys/:id',
    withOwnOrigin,
    withUser,
    withTenant,
    atLeast('developer'),
    withTenantServer,
    deleteAccessKey,
  )
  // a hosted server's authorization server
  .all('/.well-known/oauth-protected-resource/:tenant/:server/mcp', publicCors('GET', 'HEAD'), withHostedServer, protectedResourceMetadata)
  .all('/.well-known/oauth-authorization-server/:tenant/:server', publicCors('GET', 'HEAD'), withHostedServer, authorizationServerMetadata)
  .all('/.well-known/openid-configuration/:tenant/:server', publicCors('GET', 'HEAD'), withHostedServer, authorizationServerMetadata)
  .all('/:tenant/:server/.well-known/openid-configuration', publicCors('GET', 'HEAD'), withHostedServer, authorizationServerMetadata)
  .all('/:tenant/:server/register', publicCors('POST'), withHostedServer, register)
  .all('/:tenant/:server/token', publicCors('POST'), withHostedServer, withClient, token)
  .all('/:tenant/:server/device_authorization', publicCors('POST'), withHostedServer, withClient, deviceAuthorization)
  .all('/:tenant/:server/revoke', publicCors('POST'), withHostedServer, withClient, revoke)
  .get('/:tenant/:server/authorize', withHostedServer, authorize)
  .post('/:tenant/:server/consent', withHostedServer, withOwnOrigin, consent)
  .all('/:tenant/:server/authorize', withHostedServer, () => methodNotAllowed('GET'))
  .all('/:tenant/:server/consent', withHostedServer, () => methodNotAllowed('POST'))
  // where the code of a device is typed in, whichever server it is for
  .get('/device', showDevice)
  .post('/device', withOwnOrigin, enterUserCode)
  .all('/device', () => methodNotAllowed('GET, POST'))
  // the root issuer, for clients of revision 2025-03-26
  .all('/.well-known/oauth-authorization-server', publicCors('GET', 'HEAD'), withRoot, rootMetadata)
  .all('/.well-known/openid-configuration', publicCors('GET', 'HEAD'), withRoot, rootMetadata)
  .all('/register', publicCors('POST'), withRoot, registerAtRoot)
  .all('/token', publicCors('POST'), withRoot, withClient, tokenAtRoot)
  .all('/revoke', publicCors('POST'), withRoot, withClient, revokeAtRoot)
  .get('/authorize', withRoot, authorizeAtRoot)
  .post('/authorize', withRoot, withOwnOrigin, chooseServer)
  .all('/authorize', () => methodNotAllowed('GET, POST'))
  // a hosted server's MCP endpoint
  .all('/:tenant/:server/mcp', withKnownServer, withOrigin, withBearer, withRateLimit, endpoint)
  .all('/:tenant/:server/mcp/versions/:number', withKnownServer, withOrigin, withBearer, withRateLimit, versionEndpoint)
  .get('/:tenant/:server', serverPage)

/** What no route answered may be at an address that answers another method (RFC 9110 §15.5.6). Says nothing of whether the thing it names exists. */
function orMethodNotAllowed(response: Response | undefined, { location }: AppRequest): Response | undefined {
  if (response) return response
  const isPlatform = RESERVED_SLUGS.has(location.path.split('/', 2)[1] ?? '')
  const methods = router.routes
    .filter(([method, pattern, , path]) => method !== 'ALL' && pattern.test(location.path) && !(isPlatform && path?.startsWith('/:')))
    .map(([method]) => method)
  return methods.length > 0 ? methodNotAllowed([...new Set(methods)].join(', ')) : undefined
}
