import { and, eq, inArray, sql } from 'drizzle-orm'
import type { AuditAction } from '../protocol/audit.ts'
import type { AuditEvent } from './audit.ts'
import type { Store } from './index.ts'
import { clients } from './schema/clients.ts'
import { grants } from './schema/grants.ts'
import { identityProviders } from './schema/identities.ts'
import { users } from './schema/people.ts'
import { auditEvents } from './schema/tenants.ts'

type Named = Pick<AuditEvent, 'actor' | 'serverId' | 'detail'>

/** Fields of the detail that hold an id. */
const ID_FIELDS = ['userId', 'clientId', 'providerId', 'identityProviderId', 'keyId', 'tokenId']

/** Events that record the name of a new object, and the field of its id. */
const CREATIONS: { action: AuditAction; id: string; name: string }[] = [
  { action: 'client.created', id: '$.clientId', name: '$.name' },
  { action: 'client.registered', id: '$.clientId', name: '$.name' },
  { action: 'access-key.created', id: '$.keyId', name: '$.name' },
  { action: 'initial-access-token.created', id: '$.tokenId', name: '$.name' },
  { action: 'identity-provider.created', id: '$.providerId', name: '$.name' },
]

/** Returns the ids in an event that can have a name. */
export function idsOf({ actor, serverId, detail }: Named): string[] {
  const inDetail = ID_FIELDS.map((field) => detail[field]).filter((value) => typeof value === 'string')
  return [...new Set([actor, ...(serverId === null ? [] : [serverId]), ...inDetail])]
}

/**
 * Returns the names of the ids in events of a tenant. An object that no longer exists has the name
 * that its creation recorded.
 */
export async function findAuditNames(store: Store, tenantId: string, events: readonly Named[]): Promise<ReadonlyMap<string, string>> {
  const ids = new Set(events.flatMap(idsOf).flatMap((id) => [id, withoutKind(id)]))
  if (ids.size === 0) return new Map()
  // a single parameter, because D1 allows at most 100 per statement
  const given = sql`(SELECT value FROM json_each(${JSON.stringify([...ids])}))`
  const name = (column: string) => sql<string | null>`json_extract(${auditEvents.detail}, ${column})`
  const ofTenant = eq(auditEvents.tenantId, tenantId)
  const [created, servers, people, ownClients, apps, providers] = await Promise.all([
    Promise.all(
      CREATIONS.map(({ action, id, name: named }) =>
        store
          .select({ id: name(id), name: name(named) })
          .from(auditEvents)
          .where(and(ofTenant, eq(auditEvents.action, action), sql`${name(id)} IN ${given}`)),
      ),
    ),
    store
      .select({ id: auditEvents.serverId, name: name('$.slug') })
      .from(auditEvents)
      .where(and(ofTenant, inArray(auditEvents.action, ['server.created', 'server.deleted']), sql`${auditEvents.serverId} IN ${given}`)),
    store
      .select({ id: users.id, name: users.name })
      .from(users)
      .where(sql`${users.id} IN ${given}`),
    store
      .select({ id: clients.clientId, name: clients.name })
      .from(clients)
      .where(and(eq(clients.tenantId, tenantId), sql`${clients.clientId} IN ${given}`)),
    store
      .selectDistinct({ id: grants.clientId, name: grants.clientName })
      .from(grants)
      .where(and(eq(grants.tenantId, tenantId), sql`${grants.clientId} IN ${given}`)),
    store
      .select({ id: identityProviders.id, name: identityProviders.name })
      .from(identityProviders)
      .where(and(eq(identityProviders.tenantId, tenantId), sql`${identityProviders.id} IN ${given}`)),
  ])
  const names = new Map<string, string>()
  // later lists have the present name
  for (const { id, name: found } of [...created.flat(), ...servers, ...apps, ...ownClients, ...providers, ...people])
    if (id && found) names.set(id, found)
  for (const id of events.map(({ actor }) => actor)) {
    const found = names.get(withoutKind(id))
    if (found !== undefined) names.set(id, found)
  }
  return names
}

/** `client:{id}` -> `{id}`. */
function withoutKind(actor: string): string {
  return actor.replace(/^(?:client|initial-access-token):/, '')
}
