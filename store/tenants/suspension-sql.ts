import { timePrefix } from '../../protocol/random.ts'

/*
 * SQL of the operator's commands, which write to the database and not through a running platform.
 * The first statement returns a row if the tenant was found.
 */

/** Quotes text for SQL, because the command of wrangler takes no parameters. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** An audit event for the tenant of the slug, if `condition` holds. */
function auditSql(action: 'tenant.suspended' | 'tenant.resumed', detail: string, condition: string, now: Date): string {
  const eventId = `${quoted(timePrefix(now))} || lower(hex(randomblob(16)))`
  const fixed = `${eventId}, id, NULL, 'operator', ${quoted(action)}, ${detail}, ${Math.floor(now.getTime() / 1000)}`
  return `INSERT INTO audit_events (id, tenant_id, server_id, actor, action, detail, created_at)
    SELECT ${fixed} FROM tenants WHERE ${condition} RETURNING tenant_id`
}

/** A second suspension keeps the time of the first and replaces the reason. */
export function suspendSql(slug: string, why: string, now: Date): string {
  const at = `slug = ${quoted(slug)}`
  const seconds = Math.floor(now.getTime() / 1000)
  return `${auditSql('tenant.suspended', `json_object('why', ${quoted(why)})`, at, now)};
    UPDATE tenants SET suspended_at = coalesce(suspended_at, ${seconds}), suspended_because = ${quoted(why)} WHERE ${at}`
}

/** Changes nothing for a tenant that is not suspended. */
export function resumeSql(slug: string, now: Date): string {
  const at = `slug = ${quoted(slug)} AND suspended_at IS NOT NULL`
  return `${auditSql('tenant.resumed', "'{}'", at, now)};
    UPDATE tenants SET suspended_at = NULL, suspended_because = NULL WHERE ${at}`
}

/** A tenant as the operator sees it. */
export interface TenantRow {
  slug: string
  name: string
  owners: string | null
  servers: number
  suspendedAt: number | null
  why: string | null
}

/** Lists one tenant, or every suspended tenant. */
export function tenantsSql(slug: string | undefined): string {
  return `SELECT t.slug, t.name, t.suspended_at AS suspendedAt, t.suspended_because AS why,
    (SELECT group_concat(u.email, ', ') FROM members m JOIN users u ON u.id = m.user_id WHERE m.tenant_id = t.id AND m.role = 'owner') AS owners,
    (SELECT count(*) FROM hosted_servers s WHERE s.tenant_id = t.id) AS servers
    FROM tenants t WHERE ${slug === undefined ? 't.suspended_at IS NOT NULL' : `t.slug = ${quoted(slug)}`} ORDER BY t.slug LIMIT 1000`
}
