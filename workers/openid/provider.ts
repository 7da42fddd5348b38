import { openProviderSecret } from '../../hosting/upstream/provider-secrets.ts'
import { configurationUrl, MAX_CONFIGURATION, parseConfiguration, type ProviderConfiguration } from '../../protocol/openid/configuration.ts'
import { findSignInProvider, type SignInProvider } from '../../store/identities/identity-providers.ts'
import { DocumentUnavailable, type DocumentKind } from '../../hosting/upstream/document-fetch.ts'
import { readDocument } from '../../hosting/upstream/documents.ts'
import { callerNetwork } from '../caller-network.ts'
import type { AppRequest } from '../request.ts'

/**
 * An OpenID provider for sign-in. The operator's provider is for everyone, and a tenant's provider
 * for members of the tenant, in the tenant only.
 */
export interface OpenIdProvider {
  /** `platform` for the operator's provider. */
  id: string
  name: string
  issuer: string
  clientId: string
  clientSecret: () => Promise<string>
  trustsEmails: boolean
  /** Required `tenant` claim, for issuers with several tenants. */
  issuerTenant: string | undefined
  /** Undefined for the operator's provider. */
  ofTenant: SignInProvider | undefined
}

export const PLATFORM = 'platform'

/** Returns the provider in the operator's configuration. */
export function platformProvider(env: Env): OpenIdProvider | undefined {
  const { OPENID_ISSUER: issuer, OPENID_CLIENT_ID: clientId, OPENID_CLIENT_SECRET: clientSecret } = env
  if (!issuer || !clientId || !clientSecret) return undefined
  return {
    id: PLATFORM,
    name: env.OPENID_NAME || new URL(issuer).host,
    issuer,
    clientId,
    clientSecret: () => Promise.resolve(clientSecret),
    trustsEmails: env.OPENID_TRUSTS_EMAILS === 'true',
    issuerTenant: undefined,
    ofTenant: undefined,
  }
}

export function tenantProvider(env: Env, provider: SignInProvider): OpenIdProvider | undefined {
  const { id, name, issuer, clientId, clientSecret, trustsEmails, issuerTenant } = provider
  if (clientId === null || clientSecret === null) return undefined
  return {
    id,
    name,
    issuer,
    clientId,
    clientSecret: () => openProviderSecret(env, provider, clientSecret),
    trustsEmails,
    issuerTenant: issuerTenant ?? undefined,
    ofTenant: provider,
  }
}

/**
 * Finds a provider by id. Returns undefined if the provider was deleted, no longer offers sign-in,
 * or belongs to a suspended tenant.
 */
export async function findOpenIdProvider(
  { store, env }: Pick<AppRequest, 'store' | 'env'>,
  id: string,
): Promise<OpenIdProvider | undefined> {
  if (id === PLATFORM) return platformProvider(env)
  const found = await findSignInProvider(store, id)
  return found && tenantProvider(env, found)
}

const CONFIGURATION: DocumentKind<ProviderConfiguration> = {
  name: 'openid-configuration',
  maxBytes: MAX_CONFIGURATION,
  parse: parseConfiguration,
}

/**
 * Reads the metadata of an issuer (OpenID Connect Discovery §4). Throws DocumentUnavailable, with a
 * message for the author of the issuer setting.
 */
export async function readConfiguration(
  { headers, env, waitUntil }: Pick<AppRequest, 'headers' | 'env' | 'waitUntil'>,
  issuer: string,
  /**
   * False for an issuer not stored yet, so that the fetch counts against the limit for unknown
   * hosts.
   */
  { ofProvider = true }: { ofProvider?: boolean } = {},
): Promise<ProviderConfiguration> {
  const found = await readDocument(env, CONFIGURATION, configurationUrl(issuer), {
    now: new Date(),
    waitUntil,
    asker: callerNetwork(headers),
    ofProvider,
  })
  if (found.issuer !== issuer) throw new DocumentUnavailable(`issuer in the document is ${found.issuer}, which does not match`)
  return found
}
