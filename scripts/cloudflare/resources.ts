import type { CloudflareAccount } from './api.ts'
import type { ResourceNames } from './names.ts'

/** Ids that wrangler's configuration needs. */
export interface Resources {
  databaseId: string
  namespaceId: string
}

/** Finds the database, the KV namespace and the bucket of the platform. Creates missing ones. */
export async function ensureResources(account: CloudflareAccount, names: ResourceNames): Promise<Resources> {
  const databaseId = (await findDatabase(account, names)) ?? (await createDatabase(account, names))
  const namespaceId = (await findNamespace(account, names)) ?? (await createNamespace(account, names))
  await ensureBucket(account, names)
  return { databaseId, namespaceId }
}

export async function findDatabase(account: CloudflareAccount, { database }: ResourceNames): Promise<string | undefined> {
  const path = `accounts/{account}/d1/database?per_page=100&name=${encodeURIComponent(database)}`
  // `name` may find databases whose names only contain the text
  const found = await account.call<{ uuid: string; name: string }[]>('Listing databases', { path })
  return found.find(({ name }) => name === database)?.uuid
}

async function createDatabase(account: CloudflareAccount, { database }: ResourceNames): Promise<string> {
  const request = { method: 'POST', path: 'accounts/{account}/d1/database', body: { name: database } } as const
  return (await account.call<{ uuid: string }>(`Creating the database ${database}`, request)).uuid
}

const NAMESPACES_PER_PAGE = 100

async function findNamespace(account: CloudflareAccount, { namespace }: ResourceNames): Promise<string | undefined> {
  for (let page = 1; ; page += 1) {
    const path = `accounts/{account}/storage/kv/namespaces?per_page=${NAMESPACES_PER_PAGE}&page=${page}`
    const listed = await account.call<{ id: string; title: string }[]>('Listing KV namespaces', { path })
    const found = listed.find(({ title }) => title === namespace)
    if (found) return found.id
    if (listed.length < NAMESPACES_PER_PAGE) return undefined
  }
}

async function createNamespace(account: CloudflareAccount, { namespace }: ResourceNames): Promise<string> {
  const request = { method: 'POST', path: 'accounts/{account}/storage/kv/namespaces', body: { title: namespace } } as const
  return (await account.call<{ id: string }>(`Creating the KV namespace ${namespace}`, request)).id
}

async function ensureBucket(account: CloudflareAccount, { bucket }: ResourceNames): Promise<void> {
  const path = 'accounts/{account}/r2/buckets'
  if (await account.find('Looking for the bucket', { path: `${path}/${bucket}` })) return
  await account.call(`Creating the bucket ${bucket}`, { method: 'POST', path, body: { name: bucket } })
}

/** Runs SQL statements on the database. Returns the rows of the first statement. */
export async function queryDatabase<Row>(
  account: CloudflareAccount,
  databaseId: string,
  statement: { step: string; sql: string },
): Promise<Row[]> {
  const { step, sql } = statement
  const request = { method: 'POST', path: `accounts/{account}/d1/database/${databaseId}/query`, body: { sql } } as const
  const [first] = await account.call<{ results: Row[] }[]>(step, request)
  return first?.results ?? []
}
