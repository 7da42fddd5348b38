import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'

/** Worker as uploaded. */
interface Uploaded {
  bindings: { type: string; name: string; [field: string]: unknown }[]
  secrets: Map<string, string>
  assets: boolean
}

/**
 * Account of Cloudflare's API v4 in memory: the part that a deployment uses, with D1 as real
 * SQLite. `CLOUDFLARE_API_BASE_URL` leads wrangler and our own commands here.
 */
export interface CloudflareStandIn {
  url: string
  databases: Map<string, { uuid: string; sqlite: DatabaseSync }>
  namespaces: Map<string, string>
  buckets: Set<string>
  workers: Map<string, Uploaded>
  /** Hosts of custom domains, patterns of routes and names of DNS records. */
  domains: Map<string, string>
  routes: Map<string, string>
  records: { name: string; type: string; proxied: boolean }[]
  workersDev: Map<string, boolean>
  crons: Map<string, string[]>
  /** Method and path of each request, without the query. */
  requests: string[]
  /** Answers one further request whose method and path are the text with 500. */
  failOnce: (text: string) => void
  forgetFailures: () => void
  /** Answers the next migration whose name contains the text with 500. */
  failMigration: (name: string) => void
  close: () => Promise<void>
}

interface Call {
  method: string
  path: string
  query: URLSearchParams
  text: string
  form: () => Promise<FormData>
}

class Refusal extends Error {
  readonly status: number
  readonly code: number
  constructor(status: number, code: number, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

export const ACCOUNT = 'a0000000000000000000000000000001'

export async function startCloudflare({ zones = ['example.com'], accounts = 1 } = {}): Promise<CloudflareStandIn> {
  const failures: string[] = []
  let migrationToFail: string | undefined
  const account: Omit<CloudflareStandIn, 'url' | 'close'> = {
    databases: new Map(),
    namespaces: new Map(),
    buckets: new Set(),
    workers: new Map(),
    domains: new Map(),
    routes: new Map(),
    records: [],
    workersDev: new Map(),
    crons: new Map(),
    requests: [],
    failOnce: (text) => void failures.push(text),
    forgetFailures: () => void (failures.length = 0),
    failMigration: (name) => void (migrationToFail = name),
  }
  const routes = apiRoutes(account, { zones, accounts })
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const url = new URL(request.url ?? '/', 'http://cloudflare')
    const label = `${request.method} ${url.pathname}`
    account.requests.push(label)
    const reply = (status: number, envelope: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ messages: [], errors: [], ...envelope }))
    try {
      const failure = failures.indexOf(label)
      if (failure >= 0) {
        failures.splice(failure, 1)
        throw new Refusal(500, 10_013, 'internal error')
      }
      if (migrationToFail !== undefined && url.pathname.endsWith('/query') && body.includes(`values ('${migrationToFail}`)) {
        migrationToFail = undefined
        throw new Refusal(500, 10_013, 'internal error')
      }
      if (!request.headers.authorization?.startsWith('Bearer ')) throw new Refusal(401, 10_000, 'Authentication error')
      const route = routes.find(({ method, pattern }) => method === request.method && pattern.test(url.pathname))
      if (!route) throw new Refusal(404, 7003, `no route for ${label}`)
      const result = await route.answer({
        method: request.method ?? 'GET',
        path: url.pathname,
        query: url.searchParams,
        text: body.toString('utf8'),
        form: () => new Response(body, { headers: { 'content-type': request.headers['content-type'] ?? '' } }).formData(),
      })
      reply(200, { success: true, result, result_info: { page: 1, per_page: 100, total_pages: 1, count: 1, total_count: 1 } })
    } catch (error) {
      const { status, code, message } = error instanceof Refusal ? error : new Refusal(400, 7500, String(error))
      reply(status, { success: false, result: null, errors: [{ code, message }] })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    ...account,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

interface ApiRoute {
  method: string
  pattern: RegExp
  answer: (call: Call) => unknown
}

function apiRoutes(
  account: Omit<CloudflareStandIn, 'url' | 'close'>,
  { zones, accounts }: { zones: string[]; accounts: number },
): ApiRoute[] {
  const { databases, namespaces, buckets, workers, domains, routes, records, workersDev, crons } = account
  const base = `^/accounts/${ACCOUNT}`
  const json = <T>({ text }: Call) => JSON.parse(text) as T
  const route = (method: string, pattern: string, answer: ApiRoute['answer']): ApiRoute => ({
    method,
    pattern: new RegExp(`${pattern}$`),
    answer,
  })
  const part = ({ path }: Call, index: number) => decodeURIComponent(path.split('/')[index] ?? '')
  const worker = (call: Call) => {
    const found = workers.get(part(call, 5))
    if (!found) throw new Refusal(404, 10_007, 'This Worker does not exist on your account.')
    return found
  }
  const zone = (call: Call) => zones[Number(part(call, 2).slice(1))] ?? ''

  return [
    route('GET', '^/accounts', () =>
      Array.from({ length: accounts }, (_, index) => ({ id: index === 0 ? ACCOUNT : `other${index}`, name: `Account ${index}` })),
    ),
    route('GET', '^/zones', ({ query }) => {
      const found = zones.indexOf(query.get('name') ?? '')
      return found < 0 ? [] : [{ id: `z${found}`, name: zones[found], status: 'active', account: { id: ACCOUNT } }]
    }),
    route('GET', '^/zones/[^/]+/dns_records', ({ query }) => records.filter(({ name }) => name === query.get('name'))),
    route('POST', '^/zones/[^/]+/dns_records', (call) => {
      records.push(json(call))
      return json(call)
    }),
    route('GET', '^/zones/[^/]+/workers/routes', () => [...routes].map(([pattern, script]) => ({ id: pattern, pattern, script }))),
    route('POST', '^/zones/[^/]+/workers/routes', (call) => {
      const { pattern, script } = json<{ pattern: string; script: string }>(call)
      if (!pattern.includes(zone(call))) throw new Refusal(400, 10_022, 'route is not in the zone')
      routes.set(pattern, script)
      return { id: pattern }
    }),

    route('GET', `${base}/d1/database`, ({ query }) =>
      [...databases].filter(([name]) => name.includes(query.get('name') ?? '')).map(([name, { uuid }]) => ({ name, uuid })),
    ),
    route('POST', `${base}/d1/database`, (call) => {
      const { name } = json<{ name: string }>(call)
      if (databases.has(name)) throw new Refusal(400, 7502, 'A database with that name already exists')
      const made = { uuid: randomUUID(), sqlite: new DatabaseSync(':memory:') }
      databases.set(name, made)
      return { name, uuid: made.uuid }
    }),
    route('GET', `${base}/d1/database/[^/]+`, (call) => ({
      uuid: part(call, 5),
      name: [...databases].find(([, { uuid }]) => uuid === part(call, 5))?.[0],
    })),
    route('POST', `${base}/d1/database/[^/]+/query`, (call) => {
      const found = [...databases.values()].find(({ uuid }) => uuid === part(call, 5))
      if (!found) throw new Refusal(404, 7404, 'The database does not exist')
      return [{ success: true, meta: { duration: 1 }, results: runSql(found.sqlite, json(call)) }]
    }),

    route('GET', `${base}/storage/kv/namespaces`, () => [...namespaces].map(([title, id]) => ({ title, id }))),
    route('POST', `${base}/storage/kv/namespaces`, (call) => {
      const { title } = json<{ title: string }>(call)
      if (namespaces.has(title)) throw new Refusal(400, 10_014, 'A namespace with this name already exists.')
      namespaces.set(title, randomUUID().replaceAll('-', ''))
      return { title, id: namespaces.get(title) }
    }),
    route('GET', `${base}/r2/buckets/[^/]+`, (call) => {
      if (!buckets.has(part(call, 5))) throw new Refusal(404, 10_006, 'The specified bucket does not exist.')
      return { name: part(call, 5) }
    }),
    route('POST', `${base}/r2/buckets`, (call) => {
      const { name } = json<{ name: string }>(call)
      buckets.add(name)
      return { name }
    }),

    route('GET', `${base}/workers/subdomain`, () => ({ subdomain: 'acme' })),
    route('GET', `${base}/workers/services/[^/]+`, (call) => ({
      id: part(call, 5),
      default_environment: { environment: 'production', script: { last_deployed_from: 'wrangler', tag: worker(call) && 'tag' } },
    })),
    route('GET', `${base}/workers/scripts/[^/]+/settings`, (call) => {
      const { bindings, secrets } = worker(call)
      return { bindings: [...bindings, ...[...secrets.keys()].map((name) => ({ type: 'secret_text', name }))] }
    }),
    route('GET', `${base}/workers/scripts/[^/]+/secrets`, (call) =>
      [...worker(call).secrets.keys()].map((name) => ({ name, type: 'secret_text' })),
    ),
    route('GET', `${base}/workers/scripts/[^/]+/deployments`, (call) => ({ deployments: worker(call) && [] })),
    route('POST', `${base}/workers/scripts/[^/]+/assets-upload-session`, () => ({ jwt: 'assets', buckets: [] })),
    route('PUT', `${base}/workers/scripts/[^/]+`, async (call) => {
      const name = part(call, 5)
      const form = await call.form()
      const metadata = JSON.parse(String(form.get('metadata'))) as {
        bindings: Uploaded['bindings']
        assets?: object
        keep_bindings?: string[]
      }
      const before = workers.get(name)
      const secrets = new Map(metadata.keep_bindings?.includes('secret_text') ? before?.secrets : [])
      for (const binding of metadata.bindings) if (binding.type === 'secret_text') secrets.set(binding.name, String(binding['text']))
      const bindings = metadata.bindings.filter(({ type }) => type !== 'secret_text' && type !== 'inherit')
      workers.set(name, { bindings, secrets, assets: metadata.assets !== undefined })
      return { id: name, startup_time_ms: 1, deployment_id: randomUUID() }
    }),
    route('GET', `${base}/workers/domains`, ({ query }) =>
      [...domains]
        .filter(([hostname]) => hostname === query.get('hostname'))
        .map(([hostname, service]) => ({ id: hostname, hostname, service })),
    ),
    route('GET', `${base}/workers/workers/[^/]+`, (call) => {
      worker(call)
      return {
        id: part(call, 5),
        name: part(call, 5),
        subdomain: { enabled: workersDev.get(part(call, 5)) ?? false, previews_enabled: false },
      }
    }),
    route('GET', `${base}/workers/scripts/[^/]+/subdomain`, (call) => ({
      enabled: workersDev.get(part(call, 5)) ?? false,
      previews_enabled: false,
    })),
    route('POST', `${base}/workers/scripts/[^/]+/subdomain`, (call) => {
      const { enabled } = json<{ enabled: boolean }>(call)
      workersDev.set(part(call, 5), enabled)
      return { enabled, previews_enabled: false }
    }),
    route('PUT', `${base}/workers/scripts/[^/]+/domains/records`, (call) => {
      const { origins } = json<{ origins: { hostname: string }[] }>(call)
      for (const { hostname } of origins) domains.set(hostname, part(call, 5))
      return null
    }),
    route('POST', `${base}/workers/scripts/[^/]+/domains/changeset`, () => ({ added: [], removed: [], updated: [], conflicting: [] })),
    route('PUT', `${base}/workers/scripts/[^/]+/routes`, (call) => {
      const patterns = json<{ pattern: string }[]>(call)
      for (const { pattern } of patterns) routes.set(pattern, part(call, 5))
      return patterns.map(({ pattern }) => pattern)
    }),
    route('PUT', `${base}/workers/scripts/[^/]+/schedules`, (call) => {
      crons.set(
        part(call, 5),
        json<{ cron: string }[]>(call).map(({ cron }) => cron),
      )
      return null
    }),
  ]
}

/** Returns the rows of the first statement, and runs the others of the text. */
function runSql(sqlite: DatabaseSync, { sql, params = [] }: { sql: string; params?: SQLInputValue[] }): unknown[] {
  const isQuery = /^\s*(select|update|insert)\b/i.test(sql)
  const rows = isQuery ? sqlite.prepare(sql).all(...params) : []
  const others = isQuery ? sql.slice(sql.includes(';') ? sql.indexOf(';') + 1 : sql.length) : sql
  sqlite.exec(others)
  return rows
}
