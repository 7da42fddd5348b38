import { Router } from 'itty-router'
import { listActivity, summarizeActivity } from './api/activity.ts'
import { acceptInvitationForm, showInvitation } from './auth/invitation.ts'
import { signInCallback } from './auth/openid/callback.ts'
import { acceptLink, showLink } from './auth/openid/link.ts'
import { startSignIn } from './auth/openid/start.ts'
import { showSignIn, signIn, signOut } from './auth/sign-in.ts'
import { createAccessKey, deleteAccessKey, listAccessKeys } from './api/access-keys.ts'
import { decideClient, listClients } from './api/clients.ts'
import { changeGrant, changeMyGrant, endGrant, endMyGrant, listGrants, listMyGrants, showMyGrant } from './api/grants.ts'
import {
  createIdentityLink,
  recallIdentityLink,
  deleteIdentityLink,
  deleteMyIdentity,
  listIdentityLinks,
  listMyIdentities,
} from './api/identity-links.ts'
import {
  createIdentityProvider,
  deleteIdentityProvider,
  listIdentityProviders,
  showIdentityProvider,
  updateIdentityProvider,
} from './api/identity-providers.ts'
import { idempotent } from './api/idempotent.ts'
import { createMyToken, deleteMyToken, listMyTokens, showMe, updateMe, updatePassword } from './api/me.ts'
import { changeMember, createInvitation, deleteInvitation, listInvitations, listMembers, deleteMember } from './api/members.ts'
import { showOpenApi } from './api/openapi.ts'
import {
  changeEnvironment,
  createServer,
  deleteServer,
  listServers,
  recallServer,
  showEnvironment,
  showServer,
  updateServer,
} from './api/servers.ts'
import { stepped } from './api/steps.ts'
import { createInitialAccessToken, deleteInitialAccessToken, listInitialAccessTokens } from './api/initial-access-tokens.ts'
import { listRegisteredClients } from './api/registered-clients.ts'
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
import { exportAuditEvents, listAuditEvents } from './api/audit.ts'
import { createTenant, deleteTenant, showTenant, updateTenant } from './api/tenants.ts'
import {
  activateVersion,
  listVersions,
  recallActivation,
  recallUpload,
  showManifest,
  showModules,
  showVersion,
  uploadVersion,
} from './api/versions.ts'
import { showSignUp, signUp } from './auth/sign-up.ts'
import { toResponse } from './errors.ts'
import { withClient } from './gates/client.ts'
import { withBearer } from './gates/bearer.ts'
import { withCanonicalUrl } from './gates/canonical-url.ts'
import { withHostedServer } from './gates/hosted-server.ts'
import { withOrigin } from './gates/origin.ts'
import { withRateLimit } from './gates/rate-limit.ts'
import { withRoot } from './gates/root.ts'
import { endpoint, versionEndpoint } from './mcp/endpoint.ts'
import { speaks } from './gates/speaks.ts'
import { allowOrigins, publicCors } from './cors.ts'
import { withOwnOrigin } from './gates/own-origin.ts'
import { withTenant } from './gates/tenant.ts'
import { withUser } from './gates/user.ts'
import { withStore } from './gates/store.ts'
import { authorize } from './oauth/authorize.ts'
import { consent } from './oauth/consent/decide.ts'
import { authorizationServerMetadata, protectedResourceMetadata, rootMetadata } from './oauth/metadata.ts'
import { dashboardClient } from './oauth/dashboard-client.ts'
import { deviceAuthorization } from './oauth/device/authorization.ts'
import { enterUserCode, showDevice } from './oauth/device/verification-page.ts'
import { register, registerAtRoot } from './oauth/register.ts'
import { revoke } from './oauth/revoke.ts'
import { authorizeAtRoot, chooseServer } from './oauth/root/authorize.ts'
import { revokeAtRoot, tokenAtRoot } from './oauth/root/token.ts'
import { token } from './oauth/token.ts'
import { dashboard, pageFile } from './pages/dashboard.ts'
import { docsHome, showDocs } from './pages/docs.ts'
import { pageAtEndpoint, pageForPeople } from './pages/problem-page.ts'
import { serverPage } from './pages/server-page.ts'
import type { Role } from '../store/schema/tenants.ts'
import { RESERVED_SLUGS } from '../protocol/location.ts'
import type { AppRequest } from './request.ts'
import { json, methodNotAllowed, orNotFound } from './responses.ts'
import { withBrowserSignIn } from './gates/browser-sign-in.ts'
import { withIdentityProvider } from './gates/identity-provider.ts'
import { withKnownServer } from './gates/known-server.ts'
import { withRole } from './gates/role.ts'
import { withTenantServer } from './gates/tenant-server.ts'
import { withWholeAccount } from './gates/whole-account.ts'

/**
 * Gates of the management API: a signed-in user with at least this role in the tenant. Changes by
 * cookie must come from our own pages.
 */
const readsTenant = (role: Role) => [withUser, withTenant, withRole(role)] as const
const changesTenant = (role: Role) => [withOwnOrigin, ...readsTenant(role)] as const
const readsServer = (role: Role) => [...readsTenant(role), withTenantServer] as const
const changesServer = (role: Role) => [...changesTenant(role), withTenantServer] as const

/**
 * All routes with their gates. Access control is decided here, except for fields that require a
 * higher role than their route (`protocol/api/field-roles.ts`).
 */
export const router = Router<AppRequest, [env: Env, ctx: ExecutionContext], Response>({
  before: [withStore],
  catch: toResponse,
  finally: [orMethodNotAllowed, orNotFound, pageForPeople, pageAtEndpoint, allowOrigins],
})
  .get('/', ({ addresses }) => Response.redirect(`${addresses.origin}/dashboard/`, 302))
  .get('/healthz', () => json({ status: 'ok' }))
  .head('/healthz', () => json({ status: 'ok' })) // for monitors
  .get('/dashboard/client.json', dashboardClient)
  .get('/dashboard/*', dashboard)
  .get('/docs', docsHome)
  .get('/docs/:page', showDocs)
  .get('/docs/decisions/:page', showDocs)
  // people
  .get('/auth/sign-in', showSignIn)
  .post('/auth/sign-in', withOwnOrigin, signIn)
  .all('/auth/sign-in', () => methodNotAllowed('GET, POST'))
  .get('/auth/sign-up', showSignUp)
  .post('/auth/sign-up', withOwnOrigin, signUp)
  .all('/auth/sign-up', () => methodNotAllowed('GET, POST'))
  .post('/auth/sign-out', withOwnOrigin, signOut)
  .all('/auth/sign-out', () => methodNotAllowed('POST'))
  .post('/auth/openid/start', speaks('page'), withOwnOrigin, startSignIn)
  .get('/auth/openid/callback', speaks('page'), signInCallback)
  .get('/auth/openid/:provider/callback', speaks('page'), signInCallback)
  .get('/auth/openid/link', speaks('page'), showLink)
  .post('/auth/openid/link', speaks('page'), withOwnOrigin, acceptLink)
  .get('/auth/invitation/:token', showInvitation)
  .post('/auth/invitation/:token', withOwnOrigin, acceptInvitationForm)
  // the management API
  .get('/api/openapi.json', showOpenApi)
  .get('/api/me', withUser, showMe)
  .patch('/api/me', withOwnOrigin, withUser, withBrowserSignIn, withWholeAccount, updateMe)
  .put('/api/me/password', withOwnOrigin, withUser, withBrowserSignIn, withWholeAccount, updatePassword)
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
  .get('/api/tenants/:tenant', ...readsTenant('viewer'), showTenant)
  .patch('/api/tenants/:tenant', ...changesTenant('admin'), updateTenant)
  .delete('/api/tenants/:tenant', ...changesTenant('owner'), deleteTenant)
  .get('/api/tenants/:tenant/members', ...readsTenant('viewer'), listMembers)
  .patch('/api/tenants/:tenant/members/:userId', ...changesTenant('admin'), changeMember)
  .delete('/api/tenants/:tenant/members/:userId', ...changesTenant('viewer'), deleteMember)
  .get('/api/tenants/:tenant/invitations', ...readsTenant('admin'), listInvitations)
  .post('/api/tenants/:tenant/invitations', ...changesTenant('admin'), idempotent(createInvitation))
  .delete('/api/tenants/:tenant/invitations/:id', ...changesTenant('admin'), deleteInvitation)
  .get('/api/tenants/:tenant/clients', ...readsTenant('developer'), listTenantClients)
  .post('/api/tenants/:tenant/clients', ...changesTenant('admin'), idempotent(createTenantClient))
  .get('/api/tenants/:tenant/clients/:client', ...readsTenant('developer'), showTenantClient)
  .patch('/api/tenants/:tenant/clients/:client', ...changesTenant('admin'), updateTenantClient)
  .delete('/api/tenants/:tenant/clients/:client', ...changesTenant('admin'), deleteTenantClient)
  .post('/api/tenants/:tenant/clients/:client/secret', ...changesTenant('admin'), idempotent(rotateSecret))
  .delete('/api/tenants/:tenant/clients/:client/previous-secret', ...changesTenant('admin'), endPreviousSecret)
  .get('/api/tenants/:tenant/audit', ...readsTenant('admin'), listAuditEvents)
  .get('/api/tenants/:tenant/audit/export', ...readsTenant('admin'), exportAuditEvents)
  .get('/api/tenants/:tenant/identity-providers', ...readsTenant('admin'), listIdentityProviders)
  .post('/api/tenants/:tenant/identity-providers', ...changesTenant('owner'), idempotent(createIdentityProvider))
  .get('/api/tenants/:tenant/identity-providers/:id', ...readsTenant('admin'), withIdentityProvider, showIdentityProvider)
  .patch('/api/tenants/:tenant/identity-providers/:id', ...changesTenant('owner'), withIdentityProvider, updateIdentityProvider)
  .delete('/api/tenants/:tenant/identity-providers/:id', ...changesTenant('owner'), withIdentityProvider, deleteIdentityProvider)
  .get('/api/tenants/:tenant/identity-providers/:id/links', ...readsTenant('admin'), withIdentityProvider, listIdentityLinks)
  .post(
    '/api/tenants/:tenant/identity-providers/:id/links',
    ...changesTenant('owner'),
    withIdentityProvider,
    idempotent(createIdentityLink, recallIdentityLink),
  )
  .delete('/api/tenants/:tenant/identity-providers/:id/links/:linkId', ...changesTenant('owner'), withIdentityProvider, deleteIdentityLink)
  .get('/api/tenants/:tenant/servers', ...readsTenant('viewer'), listServers)
  .post('/api/tenants/:tenant/servers', ...changesTenant('developer'), idempotent(createServer, recallServer))
  .get('/api/tenants/:tenant/servers/:server', ...readsServer('viewer'), showServer)
  .patch('/api/tenants/:tenant/servers/:server', ...changesServer('developer'), updateServer)
  .delete('/api/tenants/:tenant/servers/:server', ...changesServer('admin'), deleteServer)
  .get('/api/tenants/:tenant/servers/:server/environment', ...readsServer('developer'), showEnvironment)
  .put('/api/tenants/:tenant/servers/:server/environment', ...changesServer('developer'), changeEnvironment)
  .get('/api/tenants/:tenant/servers/:server/versions', ...readsServer('viewer'), listVersions)
  .post('/api/tenants/:tenant/servers/:server/versions', ...changesServer('developer'), stepped(idempotent(uploadVersion, recallUpload)))
  .get('/api/tenants/:tenant/servers/:server/versions/:number', ...readsServer('viewer'), showVersion)
  .get('/api/tenants/:tenant/servers/:server/versions/:number/modules', ...readsServer('developer'), showModules)
  .get('/api/tenants/:tenant/servers/:server/versions/:number/manifest', ...readsServer('developer'), showManifest)
  .post(
    '/api/tenants/:tenant/servers/:server/versions/:number/activate',
    ...changesServer('developer'),
    idempotent(activateVersion, recallActivation),
  )
  .get('/api/tenants/:tenant/servers/:server/activity', ...readsServer('viewer'), listActivity)
  .get('/api/tenants/:tenant/servers/:server/activity/summary', ...readsServer('viewer'), summarizeActivity)
  .get('/api/tenants/:tenant/servers/:server/clients', ...readsServer('viewer'), listClients)
  .post('/api/tenants/:tenant/servers/:server/client-approvals', ...changesServer('admin'), decideClient)
  .get('/api/tenants/:tenant/servers/:server/registered-clients', ...readsServer('developer'), listRegisteredClients)
  .get('/api/tenants/:tenant/servers/:server/initial-access-tokens', ...readsServer('admin'), listInitialAccessTokens)
  .post('/api/tenants/:tenant/servers/:server/initial-access-tokens', ...changesServer('admin'), idempotent(createInitialAccessToken))
  .delete('/api/tenants/:tenant/servers/:server/initial-access-tokens/:id', ...changesServer('admin'), deleteInitialAccessToken)
  .get('/api/tenants/:tenant/servers/:server/grants', ...readsServer('admin'), listGrants)
  .patch('/api/tenants/:tenant/servers/:server/grants/:id', ...changesServer('admin'), changeGrant)
  .delete('/api/tenants/:tenant/servers/:server/grants/:id', ...changesServer('admin'), endGrant)
  .get('/api/tenants/:tenant/servers/:server/machine-grants', ...readsServer('developer'), listMachineGrants)
  .put('/api/tenants/:tenant/servers/:server/machine-grants/:client', ...changesServer('admin'), putMachineGrant)
  .delete('/api/tenants/:tenant/servers/:server/machine-grants/:client', ...changesServer('admin'), deleteMachineGrant)
  .get('/api/tenants/:tenant/servers/:server/access-keys', ...readsServer('developer'), listAccessKeys)
  .post('/api/tenants/:tenant/servers/:server/access-keys', ...changesServer('developer'), idempotent(createAccessKey))
  .delete('/api/tenants/:tenant/servers/:server/access-keys/:id', ...changesServer('developer'), deleteAccessKey)
  // a hosted server's authorization server
  .all('/.well-known/oauth-protected-resource/:tenant/:server/mcp', publicCors('GET', 'HEAD'), withHostedServer, protectedResourceMetadata)
  .all('/.well-known/oauth-authorization-server/:tenant/:server', publicCors('GET', 'HEAD'), withHostedServer, authorizationServerMetadata)
  .all('/.well-known/openid-configuration/:tenant/:server', publicCors('GET', 'HEAD'), withHostedServer, authorizationServerMetadata)
  .all('/:tenant/:server/.well-known/openid-configuration', publicCors('GET', 'HEAD'), withHostedServer, authorizationServerMetadata)
  .all('/:tenant/:server/register', publicCors('POST'), speaks('oauth'), withHostedServer, register)
  .all('/:tenant/:server/token', publicCors('POST'), speaks('oauth'), withHostedServer, withClient, token)
  .all('/:tenant/:server/device_authorization', publicCors('POST'), speaks('oauth'), withHostedServer, withClient, deviceAuthorization)
  .all('/:tenant/:server/revoke', publicCors('POST'), speaks('oauth'), withHostedServer, withClient, revoke)
  .get('/:tenant/:server/authorize', speaks('page'), withHostedServer, authorize)
  .post('/:tenant/:server/consent', speaks('page'), withHostedServer, withOwnOrigin, consent)
  .all('/:tenant/:server/authorize', withHostedServer, () => methodNotAllowed('GET'))
  .all('/:tenant/:server/consent', withHostedServer, () => methodNotAllowed('POST'))
  // page for typing in the code of a device, for every hosted server
  .get('/device', speaks('page'), showDevice)
  .post('/device', speaks('page'), withOwnOrigin, enterUserCode)
  .all('/device', () => methodNotAllowed('GET, POST'))
  // the root issuer, for clients of revision 2025-03-26
  .all('/.well-known/oauth-authorization-server', publicCors('GET', 'HEAD'), withRoot, rootMetadata)
  .all('/.well-known/openid-configuration', publicCors('GET', 'HEAD'), withRoot, rootMetadata)
  // clients request more metadata paths than exist; without CORS headers a 404 looks like a network
  // failure to scripts
  .all('/.well-known/*', publicCors('GET', 'HEAD'), () => orNotFound(undefined))
  .all('/:tenant/:server/.well-known/*', publicCors('GET', 'HEAD'), () => orNotFound(undefined))
  .all('/:tenant/:server/mcp/.well-known/*', publicCors('GET', 'HEAD'), () => orNotFound(undefined))
  .all('/register', publicCors('POST'), speaks('oauth'), withRoot, registerAtRoot)
  .all('/token', publicCors('POST'), speaks('oauth'), withRoot, withClient, tokenAtRoot)
  .all('/revoke', publicCors('POST'), speaks('oauth'), withRoot, withClient, revokeAtRoot)
  .get('/authorize', speaks('page'), withRoot, authorizeAtRoot)
  .post('/authorize', speaks('page'), withRoot, withOwnOrigin, chooseServer)
  .all('/authorize', () => methodNotAllowed('GET, POST'))
  // a hosted server's MCP endpoint
  .all('/:tenant/:server/mcp', withKnownServer, withOrigin, withCanonicalUrl, withBearer, withRateLimit, endpoint)
  .all('/:tenant/:server/mcp/versions/:number', withKnownServer, withOrigin, withCanonicalUrl, withBearer, withRateLimit, versionEndpoint)
  .get('/:tenant/:server', serverPage)
  .get('/:tenant/:server/dashboard/*', pageFile)

/**
 * Replies 405 if the path has a route for another method (RFC 9110 §15.5.6), whether or not the
 * named resource exists.
 */
function orMethodNotAllowed(response: Response | undefined, { location }: AppRequest): Response | undefined {
  if (response) return response
  const isPlatform = RESERVED_SLUGS.has(location.path.split('/', 2)[1] ?? '')
  const methods = router.routes
    .filter(([method, pattern, , path]) => method !== 'ALL' && pattern.test(location.path) && !(isPlatform && path?.startsWith('/:')))
    .map(([method]) => method)
  return methods.length > 0 ? methodNotAllowed([...new Set(methods)].join(', ')) : undefined
}
