import type { Page } from '../../protocol/api/fields.ts'
import { createIdentityLink as createSchema, type IdentityLinkBody, type MyIdentityBody } from '../../protocol/api/identities.ts'
import { notFound, Problem } from '../../protocol/problem.ts'
import { deleteCredential, findCredentials } from '../../store/people/credentials.ts'
import { addIdentityLink, removeIdentityLink, findIdentityLinks, findPersonLinks } from '../../store/identities/identity-links.ts'
import { findRole } from '../../store/tenants/members.ts'
import { platformProvider } from '../openid/provider.ts'
import { closeGrantStreams } from '../revocation.ts'
import { created, deleted, ok } from './replies.ts'
import { fieldProblem, readJson } from './body.ts'
import { storeWithReceipt } from './idempotent.ts'
import type { Handler, IdentityProviderRequest, UserRequest } from '../request.ts'

/** Lists the members linked at a tenant's provider, with their subjects. */
export const listIdentityLinks: Handler<IdentityProviderRequest> = async ({ store, provider }) => {
  const found = await findIdentityLinks(store, provider)
  return ok({ items: found.map(linkBody) } satisfies Page<IdentityLinkBody>)
}

/**
 * Links a subject to a member without matching addresses. Allowed for owners, because the provider
 * belongs to the tenant and is valid in that tenant only.
 */
export const createIdentityLink: Handler<IdentityProviderRequest> = async (request) => {
  const { store, provider, tenant, user } = request
  const { subject, userId } = await readJson(request, createSchema)
  if (!(await findRole(store, tenant.id, userId))) throw fieldProblem('/userId', 'is not a member of this tenant')
  const link = await addIdentityLink(
    await storeWithReceipt(request, 201, ''),
    { provider, subject, email: undefined, userId },
    user.id,
    new Date(),
  )
  if (!link) throw new Problem(409, 'Conflict', 'The subject or the member is already linked at this provider. Delete that link first.')
  const made = (await findIdentityLinks(store, provider)).find((found) => found.link.id === link.id)
  if (!made) throw notFound()
  return created(linkBody(made))
}

/** Replies like {@link createIdentityLink} after a link that is stored without its reply. */
export async function recallIdentityLink(request: IdentityProviderRequest): Promise<Response | undefined> {
  const { subject, userId } = await readJson(request, createSchema)
  const links = await findIdentityLinks(request.store, request.provider)
  const made = links.find(({ link, user }) => link.subject === subject && user.id === userId)
  return made && created(linkBody(made))
}

/** Deletes a link, with the sign-ins and grants made through the link. */
export const deleteIdentityLink: Handler<IdentityProviderRequest> = async (request) => {
  const { store, provider, user, params } = request
  const ended = await removeIdentityLink(store, provider, params['linkId'] ?? '', user.id)
  if (!ended) throw notFound()
  closeGrantStreams(request, ended)
  return deleted()
}

/** Lists the identity providers that the user can sign in with. */
export const listMyIdentities: Handler<UserRequest> = async (request) => {
  const { store, user, onlyTenant } = request
  const links = await findPersonLinks(store, { userId: user.id, tenantId: onlyTenant })
  const credentials = onlyTenant === undefined ? await findCredentials(store, user.id) : []
  const platform = platformProvider(request.env)
  const items = [
    ...credentials.map(({ id, issuer, createdAt }): MyIdentityBody => ({
      id,
      issuer,
      name: platform?.issuer === issuer ? platform.name : issuer,
      tenant: null,
      createdAt: createdAt.toISOString(),
      lastUsedAt: null,
    })),
    ...links.map(({ link, provider, tenant }): MyIdentityBody => ({
      id: link.id,
      issuer: provider.issuer,
      name: provider.name,
      tenant,
      createdAt: link.createdAt.toISOString(),
      lastUsedAt: link.lastUsedAt?.toISOString() ?? null,
    })),
  ]
  return ok({ items } satisfies Page<MyIdentityBody>)
}

/**
 * Removes an identity. A tenant's provider may link the user again if it verifies the invited
 * address.
 */
export const deleteMyIdentity: Handler<UserRequest> = async (request) => {
  const { store, user, onlyTenant, params } = request
  const id = params['id'] ?? ''
  const ended = await removeIdentityLink(store, { userId: user.id, tenantId: onlyTenant }, id, user.id)
  closeGrantStreams(request, ended ?? [])
  if (!ended && onlyTenant === undefined && (await findCredentials(store, user.id)).some((credential) => credential.id === id)) {
    if (!(await deleteCredential(store, user.id, id)))
      throw new Problem(409, 'Last sign-in method', 'You have no password, so you could no longer sign in. Set a password first.')
    return deleted()
  }
  if (!ended) throw notFound()
  return deleted()
}

function linkBody({ link, user }: Awaited<ReturnType<typeof findIdentityLinks>>[number]): IdentityLinkBody {
  const { id, subject, email, createdBy, createdAt, lastUsedAt } = link
  return {
    id,
    subject,
    email,
    userId: user.id,
    userName: user.name,
    userEmail: user.email,
    createdBy,
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  }
}
