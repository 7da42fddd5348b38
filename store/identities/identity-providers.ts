import { and, asc, count, eq, inArray, isNotNull, isNull, sql } from 'drizzle-orm'
import { auditStatement } from '../audit.ts'
import { endedGrant, type EndedGrant } from '../ended-grants.ts'
import { commit, Conflict, guard, isThere, orConflict } from '../guard.ts'
import type { Store } from '../index.ts'
import { grants } from '../schema/grants.ts'
import { identityLinks, identityProviders, signIns } from '../schema/identities.ts'
import { tenants } from '../schema/tenants.ts'

export type IdentityProvider = typeof identityProviders.$inferSelect

export const MAX_PROVIDERS = 10

const at = ({ tenantId, id }: { tenantId: string; id: string }) =>
  and(eq(identityProviders.tenantId, tenantId), eq(identityProviders.id, id))

export async function findIdentityProviders(store: Store, tenantId: string): Promise<IdentityProvider[]> {
  return store
    .select()
    .from(identityProviders)
    .where(eq(identityProviders.tenantId, tenantId))
    .orderBy(asc(identityProviders.createdAt), asc(identityProviders.id))
}

export async function findIdentityProvider(store: Store, tenantId: string, id: string): Promise<IdentityProvider | undefined> {
  const [row] = await store.select().from(identityProviders).where(at({ tenantId, id }))
  return row
}

/** A provider used for sign-in, with its tenant. */
export interface SignInProvider extends IdentityProvider {
  tenant: { slug: string; name: string }
}

const signsIn = and(isNotNull(identityProviders.clientId), isNull(tenants.suspendedAt))

export async function findSignInProviders(store: Store, tenant: string): Promise<SignInProvider[]> {
  const rows = await store
    .select({ provider: identityProviders, tenant: { slug: tenants.slug, name: tenants.name } })
    .from(identityProviders)
    .innerJoin(tenants, eq(tenants.id, identityProviders.tenantId))
    .where(and(eq(tenants.slug, tenant), signsIn))
    .orderBy(asc(identityProviders.createdAt), asc(identityProviders.id))
  return rows.map((row) => ({ ...row.provider, tenant: row.tenant }))
}

export async function findSignInProvider(store: Store, id: string): Promise<SignInProvider | undefined> {
  const [row] = await store
    .select({ provider: identityProviders, tenant: { slug: tenants.slug, name: tenants.name } })
    .from(identityProviders)
    .innerJoin(tenants, eq(tenants.id, identityProviders.tenantId))
    .where(and(eq(identityProviders.id, id), signsIn))
  return row && { ...row.provider, tenant: row.tenant }
}

/** Returns true if the tenant accepts identity assertions of any provider. */
export async function takesAssertions(store: Store, tenantId: string): Promise<boolean> {
  return (await store.$count(identityProviders, and(eq(identityProviders.tenantId, tenantId), eq(identityProviders.assertions, true)))) > 0
}

/** Returns the provider with the issuer, if the tenant accepts its identity assertions. */
export async function findAsserter(store: Store, tenantId: string, issuer: string): Promise<IdentityProvider | undefined> {
  const [row] = await store
    .select()
    .from(identityProviders)
    .where(and(eq(identityProviders.tenantId, tenantId), eq(identityProviders.issuer, issuer), eq(identityProviders.assertions, true)))
  return row
}

export async function addIdentityProvider(
  store: Store,
  provider: typeof identityProviders.$inferInsert,
  actor: string,
): Promise<'added' | 'issuer-taken' | 'too-many'> {
  const { tenantId, issuer } = provider
  const all = store.select({ n: count() }).from(identityProviders).where(eq(identityProviders.tenantId, tenantId))
  const same = store
    .select({ one: sql`1` })
    .from(identityProviders)
    .where(and(eq(identityProviders.tenantId, tenantId), eq(identityProviders.issuer, issuer)))
  try {
    await commit(store, [
      guard(store, sql`${all} < ${MAX_PROVIDERS} AND NOT EXISTS ${same}`),
      store.insert(identityProviders).values(provider),
      auditStatement(store, { tenantId, actor, action: 'identity-provider.created', detail: told(provider) }),
    ])
    return 'added'
  } catch (error) {
    if (!(error instanceof Conflict)) throw error
    return (await same).length > 0 ? 'issuer-taken' : 'too-many'
  }
}

export type ProviderSettings = Partial<
  Pick<
    typeof identityProviders.$inferSelect,
    'name' | 'jwksUri' | 'issuerTenant' | 'trustsEmails' | 'assertions' | 'clientId' | 'clientSecret' | 'clientSecretLastFour'
  >
>

/**
 * Updates the settings. Disabling assertions ends the grants made by assertion; disabling sign-in
 * ends the sign-ins through the provider. Returns the ended grants; throws Conflict if the provider
 * no longer exists.
 */
export async function changeIdentityProvider(
  store: Store,
  provider: IdentityProvider,
  settings: ProviderSettings,
  actor: string,
): Promise<EndedGrant[]> {
  const { tenantId } = provider
  const links = linksOf(store, provider)
  const batch = store.batch([
    isThere(store, identityProviders, at(provider)),
    settings.assertions === false
      ? store
          .delete(grants)
          .where(and(eq(grants.tenantId, tenantId), inArray(grants.identityLinkId, links)))
          .returning(endedGrant)
      : store
          .select(endedGrant)
          .from(grants)
          .where(sql`0`),
    ...(settings.clientId === null
      ? [store.delete(signIns).where(and(eq(signIns.tenantId, tenantId), inArray(signIns.identityLinkId, links)))]
      : []),
    store
      .update(identityProviders)
      .set({ ...settings, updatedAt: new Date() })
      .where(at(provider)),
    auditStatement(store, {
      tenantId,
      actor,
      action: 'identity-provider.changed',
      detail: told({ ...provider, ...settings }),
    }),
  ])
  const [, ended] = await orConflict(batch)
  return ended
}

/**
 * Deletes the provider. Foreign keys delete its links with their sign-ins and grants. Returns the
 * ended grants; throws Conflict if the provider no longer exists.
 */
export async function removeIdentityProvider(store: Store, provider: IdentityProvider, actor: string): Promise<EndedGrant[]> {
  const { tenantId } = provider
  const batch = store.batch([
    isThere(store, identityProviders, at(provider)),
    store
      .select(endedGrant)
      .from(grants)
      .where(and(eq(grants.tenantId, tenantId), inArray(grants.identityLinkId, linksOf(store, provider)))),
    store.delete(identityProviders).where(at(provider)),
    auditStatement(store, {
      tenantId,
      actor,
      action: 'identity-provider.deleted',
      detail: { providerId: provider.id, issuer: provider.issuer },
    }),
  ])
  const [, ended] = await orConflict(batch)
  return ended
}

function linksOf(store: Store, { id, tenantId }: Pick<IdentityProvider, 'id' | 'tenantId'>) {
  return store
    .select({ id: identityLinks.id })
    .from(identityLinks)
    .where(and(eq(identityLinks.tenantId, tenantId), eq(identityLinks.providerId, id)))
}

/** Provider settings recorded in the audit log. */
function told({ id, name, issuer, issuerTenant, jwksUri, trustsEmails, assertions, clientId }: typeof identityProviders.$inferInsert) {
  return { providerId: id, name, issuer, issuerTenant, jwksUri, trustsEmails, assertions, clientId }
}
