import { notFound } from '../../protocol/problem.ts'
import { findIdentityProvider } from '../../store/identities/identity-providers.ts'
import type { Gate, IdentityProviderRequest } from '../request.ts'

/** Finds an identity provider of the tenant by its id, or throws 404. */
export const withIdentityProvider: Gate<IdentityProviderRequest> = async (request) => {
  const provider = await findIdentityProvider(request.store, request.tenant.id, request.params['id'] ?? '')
  if (!provider) throw notFound()
  request.provider = provider
}
