import { and, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Scope } from '../../protocol/oauth/scope.ts'
import { assertionStatements } from '../clients/assertion-ids.ts'
import { auditStatement } from '../audit.ts'
import { keepUsedClient, USED_LIFE_SECONDS, type Client } from '../clients/clients.ts'
import { endedGrants, type EndedGrant } from '../ended-grants.ts'
import { endSurplusGrants } from './grants.ts'
import { commit, guard, rowVersionIs } from '../guard.ts'
import type { IdentityLink } from '../identities/identity-links.ts'
import type { Store } from '../index.ts'
import { grants, tokens } from '../schema/grants.ts'
import { identityLinks, identityProviders } from '../schema/identities.ts'
import type { ServerKey } from '../server-key.ts'
import { endSurplusTokens, type TokenRealm } from './tokens.ts'

/*
 * Grants made by identity assertions (ID-JAG) without asking the user. One per identity link,
 * client and hosted server, whatever the number of assertions. The grant stays between assertions,
 * so that rights removed by the member or the tenant stay removed. Deleting the link deletes the
 * grant.
 */

const MAX_TOKENS = 100

interface Issuance extends TokenRealm, ServerKey {
  resource: string
}

/** Fields of a grant by assertion in addition to the columns. */
const record = z.looseObject({
  /**
   * All scopes the provider ever asserted, including removed scopes, so that a later assertion does
   * not restore them.
   */
  asserted: z.array(z.string()),
})

export interface AssertedGrant {
  id: string
  scopes: Scope[]
  rowVersion: number
  record: z.infer<typeof record>
}

export async function findAssertedGrant(
  store: Store,
  { issuer, tenantId, serverId }: Issuance,
  link: IdentityLink,
  { clientId }: Pick<Client, 'clientId'>,
): Promise<AssertedGrant | undefined> {
  const [row] = await store
    .select({ id: grants.id, scopes: grants.scopes, rowVersion: grants.rowVersion, record: grants.record })
    .from(grants)
    .where(
      and(
        eq(grants.issuer, issuer),
        eq(grants.tenantId, tenantId),
        eq(grants.serverId, serverId),
        eq(grants.userId, link.userId),
        eq(grants.clientId, clientId),
        eq(grants.identityLinkId, link.id),
      ),
    )
  return row && { ...row, record: record.parse(JSON.parse(row.record)) }
}

/** Returns the scopes of a grant after the provider asserted `asserted`. */
export function scopesAfter(grant: AssertedGrant | undefined, asserted: readonly Scope[]): Scope[] {
  if (!grant) return [...asserted]
  return [...new Set([...grant.scopes, ...asserted.filter((scope) => !grant.record.asserted.includes(scope))])]
}

export interface Assertion {
  /** Hash of issuer and jti. */
  hash: string
  providerId: string
  link: IdentityLink
  asserted: readonly Scope[]
}

export interface NewToken {
  hash: string
  /**
   * Id of the grant, also of a new grant, because the token contains the id, like tokens of the
   * engine.
   */
  grantId: string
  scopes: Scope[]
  expiresAt: Date
}

interface AssertedIssuance {
  server: Issuance
  client: Pick<Client, 'issuer' | 'clientId' | 'name' | 'documentHash'>
  assertion: Assertion
  /** The grant as it was read; undefined if the batch creates the grant. */
  grant: AssertedGrant | undefined
  token: NewToken
}

/**
 * Uses the assertion, creates or extends the grant and inserts the token, in one batch. Throws
 * Conflict if the assertion was used before, the provider is no longer trusted, or the grant has
 * changed. Returns the grants ended to make room.
 */
export async function issueAssertedToken(store: Store, issuance: AssertedIssuance, now: Date): Promise<EndedGrant[]> {
  const { server, client, assertion, grant } = issuance
  const { clientId } = client
  const surplus = endSurplusGrants(
    store,
    { tenantId: server.tenantId, serverId: server.serverId, userId: assertion.link.userId, clientId },
    { actor: `client:${clientId}`, now },
  )
  const statements = [
    ...assertionStatements(store, server.issuer, assertion.hash, now),
    isProviderTrusted(store, server.tenantId, assertion),
    ...(grant ? updateStatements(store, issuance, grant, now) : insertStatements(store, issuance, now)),
    ...tokenStatements(store, issuance, now),
    ...keepUsedClient(store, client, now),
    surplus.telling,
    surplus.ending,
  ]
  const results = await commit(store, statements)
  return endedGrants.parse(results[statements.indexOf(surplus.ending)])
}

/**
 * Guards that the tenant still accepts assertions of the provider, and that the link still exists.
 */
function isProviderTrusted(store: Store, tenantId: string, { providerId, link }: Assertion) {
  const trusted = store
    .select({ one: sql`1` })
    .from(identityLinks)
    .innerJoin(identityProviders, eq(identityProviders.id, identityLinks.providerId))
    .where(
      and(
        eq(identityLinks.id, link.id),
        eq(identityLinks.tenantId, tenantId),
        eq(identityProviders.id, providerId),
        eq(identityProviders.assertions, true),
      ),
    )
  return guard(store, sql`EXISTS ${trusted}`)
}

function updateStatements(store: Store, { server, assertion, token }: AssertedIssuance, grant: AssertedGrant, now: Date) {
  const at = and(eq(grants.issuer, server.issuer), eq(grants.userId, assertion.link.userId), eq(grants.id, token.grantId))
  const scopes = scopesAfter(grant, assertion.asserted)
  const text = recordText(grant.record, assertion, scopes)
  return [
    rowVersionIs(store, grants.rowVersion, at, grant.rowVersion),
    store
      .update(grants)
      .set({ scopes, record: text, rowVersion: grant.rowVersion + 1, lastUsedAt: now, expiresAt: unusedUntil(now) })
      .where(at),
  ]
}

function insertStatements(store: Store, { server, client, assertion, token }: AssertedIssuance, now: Date) {
  const { issuer, tenantId, serverId, resource } = server
  const { clientId, name, documentHash = null } = client
  const { providerId, link } = assertion
  const scopes = scopesAfter(undefined, assertion.asserted)
  const ofPair = and(
    eq(grants.issuer, issuer),
    eq(grants.serverId, serverId),
    eq(grants.identityLinkId, link.id),
    eq(grants.clientId, clientId),
  )
  return [
    guard(store, sql`NOT EXISTS (SELECT 1 FROM ${grants} WHERE ${ofPair})`),
    store.insert(grants).values({
      issuer,
      id: token.grantId,
      tenantId,
      serverId,
      userId: link.userId,
      clientId,
      clientName: name ?? '',
      scopes,
      resource,
      identityLinkId: link.id,
      record: recordText({ metadata: { documentHash }, asserted: [] }, assertion, scopes),
      createdAt: now,
      lastUsedAt: now,
      expiresAt: unusedUntil(now),
    }),
    auditStatement(store, {
      tenantId,
      serverId,
      actor: `client:${clientId}`,
      action: 'grant.created',
      detail: { grantId: token.grantId, clientId, userId: link.userId, scopes, identityProviderId: providerId },
    }),
  ]
}

function tokenStatements(store: Store, { server, assertion, token }: AssertedIssuance, now: Date) {
  const { issuer, tenantId, serverId, resource } = server
  const { hash, grantId, scopes, expiresAt } = token
  const { userId } = assertion.link
  return [
    store
      .insert(tokens)
      .values({ issuer, hash, tenantId, serverId, userId, grantId, scopes, audience: resource, record: '{}', createdAt: now, expiresAt }),
    endSurplusTokens(store, { issuer, tenantId, userId, grantId }, MAX_TOKENS),
  ]
}

function recordText(known: AssertedGrant['record'], { asserted }: Assertion, scope: Scope[]): string {
  return JSON.stringify({ ...known, asserted: [...new Set([...known.asserted, ...asserted])], scope })
}

function unusedUntil(now: Date): Date {
  return new Date(now.getTime() + USED_LIFE_SECONDS * 1000)
}
