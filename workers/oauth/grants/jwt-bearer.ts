import { parseScope } from '../../../protocol/oauth/authorization-request.ts'
import { must, OAuthError } from '../../../protocol/oauth/errors.ts'
import { assertedIssuer, verifyIdentityAssertion } from '../../../protocol/oauth/identity-assertion.ts'
import { isScope, MACHINE_SCOPES, narrow, type Scope } from '../../../protocol/oauth/scope.ts'
import type { TokenRequest } from '../../../protocol/oauth/token-request.ts'
import { newId, randomToken, sha256 } from '../../../protocol/random.ts'
import { findAssertedGrant, issueAssertedToken, scopesAfter } from '../../../store/grants/asserted-grants.ts'
import { wasAssertionUsed } from '../../../store/clients/assertion-ids.ts'
import { tenantIssuer, type Client } from '../../../store/clients/clients.ts'
import { touchIdentityLink } from '../../../store/identities/identity-links.ts'
import { findAsserter, type IdentityProvider } from '../../../store/identities/identity-providers.ts'
import { DocumentUnavailable } from '../../../hosting/upstream/document-fetch.ts'
import { findNamedMember } from '../../openid/member.ts'
import { readConfiguration } from '../../openid/provider.ts'
import type { ClientRequest } from '../../request.ts'
import { accessTokenReply, accessTokenEnd } from './access-token.ts'
import { closeGrantStreams } from '../../revocation.ts'
import { verifyWithKeys } from '../../clients/keys.ts'
import { mustAdmitClient } from '../../clients/admission.ts'
import { findChallenge } from '../../challenge.ts'

type JwtBearerRequest = TokenRequest<'urn:ietf:params:oauth:grant-type:jwt-bearer'>

/**
 * Exchanges an identity assertion (ID-JAG) for an access token (RFC 7523 §2.1). An identity
 * provider trusted by the tenant names the member, so no consent page is shown. There is no refresh
 * token, because the client must return with a fresh assertion.
 */
export async function jwtBearer(request: ClientRequest, { assertion, scope }: JwtBearerRequest): Promise<Response> {
  const { store, server, urls, client } = request
  mustBeKnown(client, server.tenantId)
  const now = new Date()
  const { issuer, keyId } = assertedIssuer(assertion)
  const provider = await findAsserter(store, server.tenantId, issuer)
  must(provider, 'invalid_grant', `${server.tenant} does not trust the issuer of the assertion`)
  const expected = { issuer, audience: urls.issuer, resource: urls.resource, clientId: client.clientId, now }
  const asserted = await orUnavailable(provider, async () =>
    verifyWithKeys(
      { jwksUri: provider.jwksUri ?? (await readConfiguration(request, issuer)).jwks_uri },
      keyId,
      (keys) => verifyIdentityAssertion(assertion, { ...expected, keys }),
      { ofProvider: true, now, request },
    ),
  )
  must(
    asserted.person.tenant === (provider.issuerTenant ?? undefined),
    'invalid_grant',
    'the tenant of the assertion does not match the identity provider',
  )
  const hash = await sha256(JSON.stringify(['id-jag', issuer, asserted.jti]))
  must(!(await wasAssertionUsed(store, urls.issuer, hash, now)), 'invalid_grant', 'assertion was already used')
  const link = await findNamedMember(store, provider, asserted.person, now)
  must(link, 'invalid_grant', `the sub of the assertion is not linked to a member of ${server.tenant}; an owner can add the link`)
  await mustAdmitClient(request, link.userId)

  const owner = { issuer: urls.issuer, ...server.key, resource: urls.resource }
  const given = await scopesGiven(request, asserted.scope)
  const grant = await findAssertedGrant(store, owner, link, client)
  const allowed = narrow(scopesAfter(grant, given), given)
  const granted = narrow(allowed, parseScope(scope) ?? given)
  must(granted.length > 0, 'invalid_scope', `the assertion allows the scopes ${allowed.join(' ') || '(none)'}`)
  const grantId = grant?.id ?? newId()
  const token = `${link.userId}:${grantId}:${randomToken(32)}`
  const ended = await issueAssertedToken(
    store,
    {
      server: owner,
      client,
      assertion: { hash, providerId: provider.id, link, asserted: given },
      grant,
      token: { hash: await sha256(token), grantId, scopes: granted, expiresAt: accessTokenEnd(now) },
    },
    now,
  )
  closeGrantStreams(request, ended)
  request.waitUntil(touchIdentityLink(store, link, now))
  return accessTokenReply(token, granted)
}

/**
 * Requires a client id unique to the client, because the provider vouches for the client by id. The
 * tenant created the client, or the client has a document and a key.
 */
function mustBeKnown({ issuer, documentHash, tokenEndpointAuthMethod }: Client, tenantId: string): void {
  const isNamed = issuer === tenantIssuer(tenantId) || documentHash !== undefined
  must(
    isNamed && tokenEndpointAuthMethod !== 'none',
    'unauthorized_client',
    'jwt-bearer requires a client created by the tenant or identified by a document, with a secret or a key',
  )
}

/**
 * Returns the scopes in the assertion, or else the scopes of the server's challenge. Throws
 * invalid_scope if no scope is known here.
 */
async function scopesGiven(request: ClientRequest, asserted: string[] | undefined): Promise<Scope[]> {
  const wanted = asserted ?? (await findChallenge(request)).scopes
  const given = narrow(MACHINE_SCOPES, wanted.filter(isScope))
  must(given.length > 0, 'invalid_scope', `the scope of the assertion must name at least one of ${MACHINE_SCOPES.join(' ')}`)
  return given
}

/** Reports unreachable keys of the provider as temporary, because the assertion may be valid. */
async function orUnavailable<T>({ name }: IdentityProvider, verify: () => Promise<T>): Promise<T> {
  try {
    return await verify()
  } catch (error) {
    if (!(error instanceof DocumentUnavailable)) throw error
    const options = { headers: { 'Retry-After': '60' }, cause: error }
    throw new OAuthError(
      'temporarily_unavailable',
      `the keys of ${name} are unavailable: ${error.message}`,
      error.tooOften ? { ...options, status: 429 } : options,
    )
  }
}
