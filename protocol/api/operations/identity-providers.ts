import * as identities from '../identities.ts'
import { about, listOf, type Operation } from './operation.ts'

const tenant = '/api/tenants/{tenant}'

export const IDENTITY_PROVIDERS_OPERATIONS: Operation[] = about('Identity providers', [
  {
    id: 'listIdentityProviders',
    method: 'GET',
    path: `${tenant}/identity-providers`,
    summary: 'List OpenID providers of the tenant',
    role: 'admin',
    reply: listOf(identities.identityProviderBody),
  },
  {
    id: 'createIdentityProvider',
    method: 'POST',
    path: `${tenant}/identity-providers`,
    summary: 'Add an OpenID provider',
    role: 'owner',
    idempotent: true,
    body: identities.createIdentityProvider,
    status: 201,
    reply: identities.identityProviderBody,
  },
  {
    id: 'showIdentityProvider',
    method: 'GET',
    path: `${tenant}/identity-providers/{id}`,
    summary: 'Show an OpenID provider',
    role: 'admin',
    reply: identities.identityProviderBody,
  },
  {
    id: 'updateIdentityProvider',
    method: 'PATCH',
    path: `${tenant}/identity-providers/{id}`,
    summary: 'Change an OpenID provider',
    role: 'owner',
    body: identities.updateIdentityProvider,
    reply: identities.identityProviderBody,
  },
  {
    id: 'deleteIdentityProvider',
    method: 'DELETE',
    path: `${tenant}/identity-providers/{id}`,
    summary: 'Delete an OpenID provider with its links',
    role: 'owner',
  },
  {
    id: 'listIdentityLinks',
    method: 'GET',
    path: `${tenant}/identity-providers/{id}/links`,
    summary: 'List subjects of a provider and their members',
    role: 'admin',
    reply: listOf(identities.identityLinkBody),
  },
  {
    id: 'createIdentityLink',
    method: 'POST',
    path: `${tenant}/identity-providers/{id}/links`,
    summary: 'Link a subject of a provider with a member',
    role: 'owner',
    idempotent: true,
    body: identities.createIdentityLink,
    status: 201,
    reply: identities.identityLinkBody,
  },
  {
    id: 'deleteIdentityLink',
    method: 'DELETE',
    path: `${tenant}/identity-providers/{id}/links/{linkId}`,
    summary: 'Delete a link',
    role: 'owner',
  },
])
