import type { IdentityProvider } from '../../store/identities/identity-providers.ts'
import { open, seal, type SealedFor } from '../vault.ts'

/*
 * Client secrets with which the platform authenticates at a tenant's OpenID providers, sealed for
 * the tenant and the provider.
 */

type ProviderReference = Pick<IdentityProvider, 'id' | 'tenantId'>

export function sealProviderSecret(env: Pick<Env, 'VAULT_KEY'>, provider: ProviderReference, secret: string): Promise<string> {
  return seal(env, ofProvider(provider), secret)
}

export function openProviderSecret(env: Pick<Env, 'VAULT_KEY'>, provider: ProviderReference, envelope: string): Promise<string> {
  return open(env, ofProvider(provider), envelope)
}

/** Returns the owner of the envelope with the client secret of a provider. */
export function ofProvider({ id, tenantId }: ProviderReference): SealedFor {
  return { tenantId, serverId: null, name: `identity-provider ${id}` }
}
