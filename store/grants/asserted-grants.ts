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
 * Grants that rest on an identity provider's word (ID-JAG) in place of a person's consent: one for each member's link and client at a hosted server, whatever the
 * number of assertions. It stays between them, so that what the member or the tenant took from it stays taken; it goes with the link.
 */

const MAX_TOKENS = 100

interface Issuance extends TokenRealm, ServerKey {
  resource: string
}

/** Beside what the columns of a grant say. */
const record = z.looseObject({
  /** What the provider has ever given, of which people may have taken away: only what is new to it comes into a grant that there is. */
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

/** What a grant comes to once the provider gives `asserted`. */
export function scopesAfter(grant: AssertedGrant | undefined, asserted: readonly Scope[]): Scope[] {
  if (!grant) return [...asserted]
  return [...new Set([...grant.scopes, ...asserted.filter((scope) => !grant.record.asserted.includes(scope))])]
}

export interface Assertion {
  /** Of who issued it and its jti. */
  hash: string
  providerId: string
  link: IdentityLink
  asserted: readonly Scope[]
}

export interface NewToken {
  hash: string
  /** A new one's too: it is part of the token, as in those that the engine makes. */
  grantId: string
  scopes: Scope[]
  expiresAt: Date
}

/**
 * One batch: the assertion is used now and was not before, its provider is trusted still, the grant is made or as it was read, and the token. Throws Conflict
 * where any of it does not hold. Answers the grants that ended to make room.
 */
export async function issueAssertedToken(
  store: Store,
  issuance: Issuance,
  client: Pick<Client, 'issuer' | 'clientId' | 'name' | 'documentHash'>,
  { hash, providerId, link, asserted }: Assertion,
  grant: AssertedGrant | undefined,
  token: NewToken,
  now: Date,
): Promise<EndedGrant[]> {
  const { issuer, tenantId, serverId, resource } = issuance
  const { clientId } = client
  const { userId } = link
  const scopes = scopesAfter(grant, asserted)
  const grantAt = and(eq(grants.issuer, issuer), eq(grants.userId, userId), eq(grants.id, token.grantId))
  const expiresAt = new Date(now.getTime() + USED_LIFE_SECONDS * 1000)
  const known = grant?.record ?? { metadata: { documentHash: client.documentHash ?? null }, asserted: [] }
  const text = JSON.stringify({ ...known, asserted: [...new Set([...known.asserted, ...asserted])], scope: scopes })
  const isTrusted = store
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
  const ofPair = and(
    eq(grants.issuer, issuer),
    eq(grants.serverId, serverId),
    eq(grants.identityLinkId, link.id),
    eq(grants.clientId, clientId),
  )
  const { telling, ending } = endSurplusGrants(store, { tenantId, serverId, userId, clientId }, { actor: `client:${clientId}`, now })
  const statements = [
    ...assertionStatements(store, issuer, hash, now),
    guard(store, sql`EXISTS ${isTrusted}`),
    ...(grant
      ? [
          rowVersionIs(store, grants.rowVersion, grantAt, grant.rowVersion),
          store
            .update(grants)
            .set({ scopes, record: text, rowVersion: grant.rowVersion + 1, lastUsedAt: now, expiresAt })
            .where(grantAt),
        ]
      : [
          guard(store, sql`NOT EXISTS (SELECT 1 FROM ${grants} WHERE ${ofPair})`),
          store.insert(grants).values({
            issuer,
            id: token.grantId,
            tenantId,
            serverId,
            userId,
            clientId,
            clientName: client.name ?? '',
            scopes,
            resource,
            identityLinkId: link.id,
            record: text,
            createdAt: now,
            lastUsedAt: now,
            expiresAt,
          }),
          auditStatement(store, {
            tenantId,
            serverId,
            actor: `client:${clientId}`,
            action: 'grant.created',
            detail: { grantId: token.grantId, clientId, userId, scopes, identityProviderId: providerId },
          }),
        ]),
    store.insert(tokens).values({
      issuer,
      hash: token.hash,
      tenantId,
      serverId,
      userId,
      grantId: token.grantId,
      scopes: token.scopes,
      audience: resource,
      record: '{}',
      createdAt: now,
      expiresAt: token.expiresAt,
    }),
    endSurplusTokens(store, { issuer, tenantId, userId, grantId: token.grantId }, MAX_TOKENS),
    ...keepUsedClient(store, client, now),
    telling,
    ending,
  ]
  const results = await commit(store, statements)
  return endedGrants.parse(results[statements.indexOf(ending)])
}
