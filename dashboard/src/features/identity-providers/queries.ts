import type { IdentityLinkBody, IdentityProviderBody } from '../../../../protocol/api.ts'
import { apiPath, list } from '../../api.ts'
import { tenantKey } from '../tenants/queries.ts'

export const identityProvidersKey = (tenant: string) => [...tenantKey(tenant), 'identity-providers'] as const
export const identityLinksKey = (tenant: string, provider: string) => [...identityProvidersKey(tenant), provider, 'links'] as const

export const identityProvidersQuery = (tenant: string) =>
  list<IdentityProviderBody>(identityProvidersKey(tenant), `${apiPath.tenant(tenant)}/identity-providers`)

export const identityLinksQuery = (tenant: string, provider: string) =>
  list<IdentityLinkBody>(identityLinksKey(tenant, provider), `${apiPath.tenant(tenant)}/identity-providers/${provider}/links`)
