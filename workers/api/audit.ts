import { AUDIT_FORMAT, type AuditBody, type AuditFilter, auditFilter } from '../../protocol/api/tenants.ts'
import type { Page } from '../../protocol/api/fields.ts'
import { findAuditEvents, type AuditEvent, type AuditMatch } from '../../store/audit.ts'
import { findAuditNames, idsOf } from '../../store/audit-names.ts'
import type { AppRequest, Handler, TenantRequest } from '../request.ts'
import { csvOf } from './csv.ts'
import { fieldProblem } from './body.ts'
import { cutToPage, cursorAfter, cursorOf, pageOf } from './paging.ts'
import { ok } from './replies.ts'

const MAX_EXPORTED = 10_000

/** Lists changes of permissions, newest first. */
export const listAuditEvents: Handler<TenantRequest> = async (request) => {
  const { limit, before } = pageOf(request)
  return ok((await findPage(request, limit, before)) satisfies Page<AuditBody>)
}

/** Returns events as a file, for a spreadsheet or another system. */
export const exportAuditEvents: Handler<TenantRequest> = async (request) => {
  const { searchParams } = new URL(request.url)
  const format = AUDIT_FORMAT.safeParse(searchParams.get('format') ?? 'json')
  if (!format.success) throw fieldProblem('/format', `must be ${AUDIT_FORMAT.options.join(' or ')}`)
  const page = await findPage(request, MAX_EXPORTED, searchParams.get('before') ?? undefined)
  const response = format.data === 'csv' ? new Response(csvOf(COLUMNS, page.items.map(rowOf))) : ok(page)
  if (format.data === 'csv') response.headers.set('Content-Type', 'text/csv; charset=utf-8')
  response.headers.set('Cache-Control', 'no-store')
  response.headers.set('Content-Disposition', `attachment; filename="audit-${request.tenant.slug}.${format.data}"`)
  return response
}

async function findPage(request: TenantRequest, limit: number, before: string | undefined): Promise<Page<AuditBody>> {
  const { store, tenant } = request
  const match = { ...filterOf(request), limit: limit + 1, before: cursorOf(before) } satisfies AuditMatch
  const { rows, next } = cutToPage(await findAuditEvents(store, tenant.id, match), limit, cursorAfter)
  const names = await findAuditNames(store, tenant.id, rows)
  return { items: rows.map((row) => auditBody(row, names)), ...next }
}

/** Parses the filters of the query. An empty parameter counts as absent, as a form sends it. */
function filterOf(request: AppRequest): AuditFilter {
  const given = [...new URL(request.url).searchParams].filter(([name, value]) => name in auditFilter.shape && value !== '')
  const filter = auditFilter.safeParse(Object.fromEntries(given))
  if (filter.success) return filter.data
  const [issue] = filter.error.issues
  const name = String(issue?.path[0])
  throw fieldProblem(`/${name}`, REQUIRED[name] ?? 'is not valid')
}

const REQUIRED: Record<string, string> = {
  action: 'must be actions of the audit log, or the parts before their dots, separated by commas',
  actor: 'must be 1 to 300 characters',
  server: 'must be the slug of a server',
  from: 'must be a time such as 2026-01-31T00:00:00Z',
  to: 'must be a time such as 2026-01-31T00:00:00Z',
  search: 'must be 1 to 100 characters',
}

function auditBody({ id, serverId, server, actor, action, detail, createdAt }: AuditEvent, known: ReadonlyMap<string, string>): AuditBody {
  const names = Object.fromEntries(
    idsOf({ actor, serverId, detail }).flatMap((each) => {
      const name = known.get(each)
      return name === undefined ? [] : [[each, name]]
    }),
  )
  return { id, serverId, server, actor, action, detail, names, createdAt: createdAt.toISOString() }
}

const COLUMNS = ['time', 'actor', 'actorName', 'action', 'server', 'detail', 'names', 'id']

function rowOf({ id, serverId, server, actor, action, detail, names, createdAt }: AuditBody): string[] {
  const serverName = server ?? (serverId === null ? '' : (names[serverId] ?? serverId))
  return [createdAt, actor, names[actor] ?? '', action, serverName, JSON.stringify(detail), JSON.stringify(names), id]
}
