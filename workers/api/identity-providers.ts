import { sealProviderSecret } from '../../hosting/upstream/provider-secrets.ts'
import type { Page } from '../../protocol/api/fields.ts'
import {
  createIdentityProvider as createSchema,
  updateIdentityProvider as updateSchema,
  type IdentityProviderBody,
} from '../../protocol/api/identities.ts'
import { Problem } from '../../protocol/problem.ts'
import { newId } from '../../protocol/random.ts'
import {
  MAX_PROVIDERS,
  addIdentityProvider,
  removeIdentityProvider,
  findIdentityProviders,
  changeIdentityProvider,
  type IdentityProvider,
  type ProviderSettings,
} from '../../store/identities/identity-providers.ts'
import { DocumentUnavailable } from '../../hosting/upstream/document-fetch.ts'
import { callbackUrl } from '../openid/exchange.ts'
import { readConfiguration } from '../openid/provider.ts'
import { closeGrantStreams } from '../revocation.ts'
import { readKeys } from '../clients/keys.ts'
import { created, deleted, ok } from './replies.ts'
import { fieldProblem, readJson } from './body.ts'
import { storeWithReply } from './idempotent.ts'
import type { Handler, IdentityProviderRequest, TenantRequest } from '../request.ts'

export const listIdentityProviders: Handler<TenantRequest> = async (request) => {
  const found = await findIdentityProviders(request.store, request.tenant.id)
  return ok({ items: found.map((provider) => providerBody(provider, request)) } satisfies Page<IdentityProviderBody>)
}

export const showIdentityProvider: Handler<IdentityProviderRequest> = (request) => ok(providerBody(request.provider, request))

/**
 * Adds a provider after a check. Owners only, because the provider can impersonate every member in
 * this tenant.
 */
export const createIdentityProvider: Handler<TenantRequest> = async (request) => {
  const { tenant, user, env } = request
  const { signIn, ...asked } = await readJson(request, createSchema)
  const now = wholeSecond()
  const provider: IdentityProvider = {
    ...asked,
    id: newId(),
    tenantId: tenant.id,
    clientId: null,
    clientSecret: null,
    clientSecretLastFour: null,
    createdBy: user.id,
    createdAt: now,
    updatedAt: now,
  }
  if (signIn) Object.assign(provider, await sealed(env, provider, signIn))
  await tryOut(request, provider)
  const reply = created(providerBody(provider, request))
  const outcome = await addIdentityProvider(await storeWithReply(request, reply), provider, user.id)
  if (outcome === 'issuer-taken') throw fieldProblem('/issuer', 'is already a provider of this tenant', 409)
  if (outcome === 'too-many')
    throw new Problem(
      409,
      'Limit reached',
      `This tenant has ${MAX_PROVIDERS} identity providers, which is the limit. Delete a provider first.`,
    )
  return reply
}

/**
 * Changes a provider. Ends the sign-ins if sign-in is disabled, and the grants made by assertion if
 * assertions are disabled.
 */
export const updateIdentityProvider: Handler<IdentityProviderRequest> = async (request) => {
  const { store, provider, user, env } = request
  const { signIn, ...asked } = await readJson(request, updateSchema)
  const settings: ProviderSettings = { ...asked }
  if (signIn === null) Object.assign(settings, { clientId: null, clientSecret: null, clientSecretLastFour: null })
  if (signIn) {
    const { clientId, clientSecret } = signIn
    if (clientSecret === undefined && provider.clientSecret === null)
      throw fieldProblem('/signIn/clientSecret', 'is required, because no secret is stored yet')
    Object.assign(settings, { clientId }, clientSecret === undefined ? {} : await sealed(env, provider, { clientId, clientSecret }))
  }
  const changed = { ...provider, ...settings, updatedAt: wholeSecond() }
  await tryOut(request, changed)
  closeGrantStreams(request, await changeIdentityProvider(store, provider, settings, user.id))
  return ok(providerBody(changed, request))
}

export const deleteIdentityProvider: Handler<IdentityProviderRequest> = async (request) => {
  const { store, provider, user } = request
  closeGrantStreams(request, await removeIdentityProvider(store, provider, user.id))
  return deleted()
}

/** Returns the current time at the resolution of the database. */
function wholeSecond(): Date {
  return new Date(Math.floor(Date.now() / 1000) * 1000)
}

async function sealed(env: Env, provider: IdentityProvider, { clientId, clientSecret }: { clientId: string; clientSecret: string }) {
  return {
    clientId,
    clientSecret: await sealProviderSecret(env, provider, clientSecret),
    clientSecretLastFour: clientSecret.length >= 12 ? clientSecret.slice(-4) : '',
  }
}

/**
 * Checks that the provider's configuration and keys load. Fetches count toward the limit of client
 * documents, because the provider is not stored yet.
 */
async function tryOut(request: TenantRequest, { issuer, jwksUri, clientId }: IdentityProvider) {
  let field = '/issuer'
  try {
    const configuration =
      jwksUri === null || clientId !== null ? await readConfiguration(request, issuer, { ofProvider: false }) : undefined
    if (clientId !== null && (!configuration?.authorization_endpoint || !configuration.token_endpoint))
      throw fieldProblem('/issuer', 'lacks authorization_endpoint or token_endpoint in its configuration; sign-in needs both')
    if (jwksUri !== null) field = '/jwksUri'
    const keys = jwksUri ?? configuration?.jwks_uri
    if (keys !== undefined) await readKeys(keys, { now: new Date(), request })
  } catch (error) {
    if (!(error instanceof DocumentUnavailable)) throw error
    if (error.tooOften) throw new Problem(429, 'Too many requests', `${error.message}.`, { headers: { 'Retry-After': '60' } })
    throw fieldProblem(field, `cannot be used: ${error.message}`)
  }
}

function providerBody(provider: IdentityProvider, { tenant, addresses }: TenantRequest): IdentityProviderBody {
  const { id, name, issuer, issuerTenant, jwksUri, trustsEmails, assertions, clientId, clientSecretLastFour, createdBy } = provider
  return {
    id,
    name,
    issuer,
    issuerTenant,
    jwksUri,
    trustsEmails,
    assertions,
    signIn:
      clientId === null
        ? null
        : {
            clientId,
            clientSecretLastFour: clientSecretLastFour ?? '',
            redirectUri: callbackUrl({ addresses }, provider),
            url: `${addresses.origin}/auth/sign-in?tenant=${tenant.slug}`,
          },
    createdBy,
    createdAt: provider.createdAt.toISOString(),
    updatedAt: provider.updatedAt.toISOString(),
  }
}
