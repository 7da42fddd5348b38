import { openProviderSecret } from '../../hosting/upstream/provider-secrets.ts'
import { configurationUrl, MAX_CONFIGURATION, parseConfiguration, type ProviderConfiguration } from '../../protocol/openid/configuration.ts'
import { findSignInProvider, type SignInProvider } from '../../store/identities/identity-providers.ts'
import { DocumentUnavailable, type DocumentKind } from '../../hosting/upstream/document-fetch.ts'
import { readDocument } from '../../hosting/upstream/documents.ts'
import { callerNetwork } from '../caller-network.ts'
import type { AppRequest } from '../request.ts'

/** An OpenID provider people are signed in through: the operator's, for everybody, or a tenant's, which speaks for its members in that tenant only. */
export interface OpenIdProvider {
  /** `platform` for the operator's. */
  id: string
  name: string
  issuer: string
  clientId: string
  clientSecret: () => Promise<string>
  trustsEmails: boolean
  /** What tokens of an issuer that serves several must name as `tenant`. */
  issuerTenant: string | undefined
  /** Undefined for the operator's. */
  ofTenant: SignInProvider | undefined
}

export const PLATFORM = 'platform'

/** As the configuration has it; undefined = nobody signs in that way. */
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

/** By its id, as it is now: undefined once it is deleted, not for signing in any more, or its tenant suspended. */
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

/** What this issuer publishes of itself (OpenID Connect Discovery §4). Throws DocumentUnavailable, whose message is for whoever named the issuer. */
export async function readConfiguration(
  { headers, env, waitUntil }: Pick<AppRequest, 'headers' | 'env' | 'waitUntil'>,
  issuer: string,
  /** False where nobody trusts it yet, so that it counts as a document that strangers name. */
  { ofProvider = true }: { ofProvider?: boolean } = {},
): Promise<ProviderConfiguration> {
  const found = await readDocument(env, CONFIGURATION, configurationUrl(issuer), {
    now: new Date(),
    waitUntil,
    asker: callerNetwork(headers),
    ofProvider,
  })
  if (found.issuer !== issuer) throw new DocumentUnavailable(`the document is of another issuer, ${found.issuer}`)
  return found
}
