import type {
  AccessKeyBody,
  ActivityBody,
  AuditBody,
  ClientBody,
  EnvironmentBody,
  GrantBody,
  GrantChoiceBody,
  IdentityLinkBody,
  IdentityProviderBody,
  InitialAccessTokenBody,
  InvitationBody,
  ActivitySummaryBody,
  MachineGrantBody,
  Me,
  MemberBody,
  MyIdentityBody,
  Page,
  ProblemBody,
  RegisteredClientBody,
  ServerBody,
  TenantBody,
  TenantClientBody,
  TokenBody,
  VersionBody,
  VersionSummaryBody,
} from '../../protocol/api.ts'
import { infiniteQueryOptions, QueryClient, queryOptions } from '@tanstack/react-query'

/** What the API answered that is not a success (RFC 9457), or that no answer came (status 0). */
export class ApiProblem extends Error {
  override name = 'ApiProblem'
  readonly status: number
  readonly title: string
  /** JSON Pointer of a field of the body -> what is wrong with it. */
  readonly fields: ReadonlyMap<string, string>

  constructor(status: number, title: string, detail: string, errors: { pointer: string; detail: string }[] = []) {
    super(detail)
    this.status = status
    this.title = title
    this.fields = new Map(errors.map((error) => [error.pointer, error.detail]))
  }
}

/** What is wrong with each field of what was sent, for a form to show beside it; empty where it is no field's fault. */
export function faultsOf(problem: unknown): ReadonlyMap<string, string> {
  return problem instanceof ApiProblem ? problem.fields : new Map()
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

const ATTEMPTS = 3

interface Options {
  accept?: string
  signal?: AbortSignal
}

/** One call of the management API; the answer's body is what `protocol/api.ts` says of that route. See {@link request}. */
export async function call<T>(method: Method, path: string, body?: unknown, options: Options = {}): Promise<T> {
  const response = await request(method, path, body, options)
  return response.status === 204 ? (undefined as T) : ((await response.json()) as T)
}

/**
 * An answer of the management API that is a success; throws an {@link ApiProblem} for any other. A POST carries an `Idempotency-Key`, so one whose answer got
 * lost is sent again and still done once. Not signed in any more, what was to be shown leads to the sign-in page and back here; what was to be done stays where
 * it was asked for, with all that was typed.
 */
export async function request(
  method: Method,
  path: string,
  body?: unknown,
  { accept = 'application/json', signal }: Options = {},
): Promise<Response> {
  const headers: Record<string, string> = { Accept: accept }
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  if (method === 'POST') headers['Idempotency-Key'] = crypto.randomUUID()
  const init: RequestInit = {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  }
  for (let attempt = 1; ; attempt++) {
    const last = attempt === ATTEMPTS || method === 'PATCH'
    let response: Response
    try {
      response = await fetch(`/api${path}`, init)
    } catch (cause) {
      if (signal?.aborted) throw cause
      if (last) throw new ApiProblem(0, 'No connection', 'The platform did not answer.')
      await pause(attempt * 400)
      continue
    }
    if (response.ok) return response
    if (response.status === 401 && method === 'GET') return signIn()
    if (response.status === 401) throw new ApiProblem(401, 'Not signed in', 'Your sign-in has ended, so nothing was done.')
    const passes = response.status === 503 || (response.status === 409 && response.headers.has('Retry-After'))
    if (!passes || last) throw await readProblem(response)
    await response.body?.cancel()
    await pause(attempt * 1000)
  }
}

/** Never returns: the browser leaves the page, and what it was about to show with it. */
function signIn(): Promise<never> {
  location.assign(`/auth/sign-in?continue=${encodeURIComponent(location.pathname + location.search)}`)
  return new Promise(() => {})
}

async function readProblem(response: Response): Promise<ApiProblem> {
  try {
    return toProblem((await response.json()) as ProblemBody)
  } catch {
    return new ApiProblem(response.status, 'Unexpected answer', `The platform answered ${response.status} and no explanation.`)
  }
}

export function toProblem({ status, title, detail, errors }: ProblemBody): ApiProblem {
  return new ApiProblem(status, title, detail, errors)
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

/** `/tenants/{tenant}` and `/tenants/{tenant}/servers/{server}`: where what belongs to them is. */
export const at = {
  tenant: (tenant: string) => `/tenants/${encodeURIComponent(tenant)}`,
  server: (tenant: string, server: string) => `${at.tenant(tenant)}/servers/${encodeURIComponent(server)}`,
}

/** Query keys, outermost first: invalidating one takes what lies below it along. */
export const keys = {
  me: ['me'] as const,
  tokens: ['me', 'tokens'] as const,
  tenant: (tenant: string) => ['tenants', tenant] as const,
  members: (tenant: string) => ['tenants', tenant, 'members'] as const,
  myGrants: ['me', 'grants'] as const,
  myIdentities: ['me', 'identities'] as const,
  invitations: (tenant: string) => ['tenants', tenant, 'invitations'] as const,
  tenantClients: (tenant: string) => ['tenants', tenant, 'clients'] as const,
  audit: (tenant: string) => ['tenants', tenant, 'audit'] as const,
  identityProviders: (tenant: string) => ['tenants', tenant, 'identity-providers'] as const,
  identityLinks: (tenant: string, provider: string) => [...keys.identityProviders(tenant), provider, 'links'] as const,
  servers: (tenant: string) => ['tenants', tenant, 'servers'] as const,
  server: (tenant: string, server: string) => ['tenants', tenant, 'servers', server] as const,
  versions: (tenant: string, server: string) => [...keys.server(tenant, server), 'versions'] as const,
  version: (tenant: string, server: string, number: number) => [...keys.versions(tenant, server), number] as const,
  serverClients: (tenant: string, server: string) => [...keys.server(tenant, server), 'clients'] as const,
  accessKeys: (tenant: string, server: string) => [...keys.server(tenant, server), 'access-keys'] as const,
  initialAccessTokens: (tenant: string, server: string) => [...keys.server(tenant, server), 'initial-access-tokens'] as const,
  registeredClients: (tenant: string, server: string) => [...keys.server(tenant, server), 'registered-clients'] as const,
  machineGrants: (tenant: string, server: string) => [...keys.server(tenant, server), 'machine-grants'] as const,
  environment: (tenant: string, server: string) => [...keys.server(tenant, server), 'environment'] as const,
  grants: (tenant: string, server: string) => [...keys.server(tenant, server), 'grants'] as const,
  activity: (tenant: string, server: string) => [...keys.server(tenant, server), 'activity'] as const,
}

export type ActivityPeriod = 'hour' | 'day' | 'fortnight'
export interface ActivityFilter {
  kind?: ActivityBody['kind']
  correlationId?: string
  problems?: true
}

/** What pages read, each with its key. */
export const queries = {
  me: () => queryOptions({ queryKey: keys.me, queryFn: ({ signal }) => call<Me>('GET', '/me', undefined, { signal }), staleTime: 60_000 }),
  myGrants: () => pages<GrantBody>(keys.myGrants, '/me/grants'),
  myGrant: (id: string) =>
    queryOptions({
      queryKey: [...keys.myGrants, id],
      queryFn: ({ signal }) => call<GrantChoiceBody>('GET', `/me/grants/${id}`, undefined, { signal }),
      staleTime: 0,
    }),
  myIdentities: () => list<MyIdentityBody>(keys.myIdentities, '/me/identities'),
  tokens: () => list<TokenBody>(keys.tokens, '/me/tokens'),
  tenant: (tenant: string) =>
    queryOptions({
      queryKey: [...keys.tenant(tenant), 'itself'],
      queryFn: ({ signal }) => call<TenantBody>('GET', at.tenant(tenant), undefined, { signal }),
      staleTime: 60_000,
    }),
  invitations: (tenant: string) => list<InvitationBody>(keys.invitations(tenant), `${at.tenant(tenant)}/invitations`),
  audit: (tenant: string) => pages<AuditBody>(keys.audit(tenant), `${at.tenant(tenant)}/audit`),
  tenantClients: (tenant: string) => list<TenantClientBody>(keys.tenantClients(tenant), `${at.tenant(tenant)}/clients`),
  identityProviders: (tenant: string) =>
    list<IdentityProviderBody>(keys.identityProviders(tenant), `${at.tenant(tenant)}/identity-providers`),
  identityLinks: (tenant: string, provider: string) =>
    list<IdentityLinkBody>(keys.identityLinks(tenant, provider), `${at.tenant(tenant)}/identity-providers/${provider}/links`),
  members: (tenant: string) => list<MemberBody>(keys.members(tenant), `${at.tenant(tenant)}/members`),
  servers: (tenant: string) => list<ServerBody>(keys.servers(tenant), `${at.tenant(tenant)}/servers`),
  server: (tenant: string, server: string) =>
    queryOptions({
      queryKey: [...keys.server(tenant, server), 'itself'],
      queryFn: ({ signal }) => call<ServerBody>('GET', at.server(tenant, server), undefined, { signal }),
    }),
  serverClients: (tenant: string, server: string) =>
    list<ClientBody>(keys.serverClients(tenant, server), `${at.server(tenant, server)}/clients`),
  accessKeys: (tenant: string, server: string) =>
    list<AccessKeyBody>(keys.accessKeys(tenant, server), `${at.server(tenant, server)}/access-keys`),
  initialAccessTokens: (tenant: string, server: string) =>
    list<InitialAccessTokenBody>(keys.initialAccessTokens(tenant, server), `${at.server(tenant, server)}/initial-access-tokens`),
  machineGrants: (tenant: string, server: string) =>
    list<MachineGrantBody>(keys.machineGrants(tenant, server), `${at.server(tenant, server)}/machine-grants`),
  /** Of the active version; none before there is one. */
  choosableTools: (tenant: string, server: string) =>
    queryOptions({
      queryKey: [...keys.server(tenant, server), 'choosable-tools'],
      queryFn: async ({ signal }): Promise<GrantChoiceBody['offered']> => {
        const { activeVersion } = await call<ServerBody>('GET', at.server(tenant, server), undefined, { signal })
        if (activeVersion === null) return []
        const path = `${at.server(tenant, server)}/versions/${activeVersion}`
        const { surface } = await call<VersionBody>('GET', path, undefined, { signal })
        return (surface?.tools ?? []).map(({ name, title, annotations }) => ({
          name,
          title: title ?? annotations?.title ?? null,
          canChangeThings: annotations?.readOnlyHint !== true,
        }))
      },
    }),
  environment: (tenant: string, server: string) =>
    queryOptions({
      queryKey: [...keys.environment(tenant, server), 'itself'],
      queryFn: ({ signal }) => call<EnvironmentBody>('GET', `${at.server(tenant, server)}/environment`, undefined, { signal }),
    }),
  versions: (tenant: string, server: string) =>
    pages<VersionSummaryBody>(keys.versions(tenant, server), `${at.server(tenant, server)}/versions`),
  /** The newest few. */
  latestVersions: (tenant: string, server: string) =>
    queryOptions({
      queryKey: [...keys.versions(tenant, server), 'latest'],
      queryFn: async ({ signal }) =>
        (await call<Page<VersionSummaryBody>>('GET', `${at.server(tenant, server)}/versions?limit=5`, undefined, { signal })).items,
    }),
  version: (tenant: string, server: string, number: number) =>
    queryOptions({
      queryKey: [...keys.version(tenant, server, number), 'itself'],
      queryFn: ({ signal }) => call<VersionBody>('GET', `${at.server(tenant, server)}/versions/${number}`, undefined, { signal }),
    }),
  registeredClients: (tenant: string, server: string) =>
    pages<RegisteredClientBody>(keys.registeredClients(tenant, server), `${at.server(tenant, server)}/registered-clients`),
  grants: (tenant: string, server: string) => pages<GrantBody>(keys.grants(tenant, server), `${at.server(tenant, server)}/grants`),
  /** Null before there is one. */
  latestGrant: (tenant: string, server: string) =>
    queryOptions({
      queryKey: [...keys.grants(tenant, server), 'latest'],
      queryFn: async ({ signal }) =>
        (await call<Page<GrantBody>>('GET', `${at.server(tenant, server)}/grants?limit=1`, undefined, { signal })).items[0] ?? null,
    }),
  activity: (tenant: string, server: string, filter: ActivityFilter = {}) =>
    pages<ActivityBody>(
      [...keys.activity(tenant, server), filter],
      `${at.server(tenant, server)}/activity?${new URLSearchParams(Object.entries(filter).map(([name, value]) => [name, String(value)]))}`,
    ),
  /** The last calls, to look at again and again. */
  recentCalls: (tenant: string, server: string) =>
    queryOptions({
      queryKey: [...keys.activity(tenant, server), 'recent'],
      queryFn: async ({ signal }) =>
        (
          await call<Page<ActivityBody>>('GET', `${at.server(tenant, server)}/activity?kind=call&limit=20`, undefined, { signal })
        ).items.filter((item) => item.kind === 'call'),
    }),
  activitySummary: (tenant: string, server: string, period: ActivityPeriod) =>
    queryOptions({
      queryKey: [...keys.activity(tenant, server), 'summary', period],
      queryFn: ({ signal }) =>
        call<ActivitySummaryBody>('GET', `${at.server(tenant, server)}/activity/summary?period=${period}`, undefined, { signal }),
    }),
}

/** A list that comes whole. */
export function list<T>(queryKey: readonly unknown[], path: string) {
  return queryOptions({
    queryKey: [...queryKey, 'all'],
    queryFn: async ({ signal }) => (await call<Page<T>>('GET', path, undefined, { signal })).items,
  })
}

/** A list that comes in pages, newest first: the first is there soon, and who reads on gets many at a time. */
export function pages<T>(queryKey: readonly unknown[], path: string) {
  return infiniteQueryOptions({
    queryKey: [...queryKey, 'pages'],
    queryFn: ({ pageParam, signal }) => {
      const [before, query = ''] = [pageParam, path.split('?', 2)[1]]
      const parameters = new URLSearchParams(query)
      if (before !== undefined) {
        parameters.set('before', before)
        parameters.set('limit', '200')
      }
      return call<Page<T>>('GET', `${path.split('?', 1)[0]}?${parameters}`, undefined, { signal })
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
  })
}

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      // `call` has tried again where that makes sense; and what is asked for without a connection fails and says so, rather than wait for one in silence
      queries: { staleTime: 5_000, retry: false, networkMode: 'always', refetchOnReconnect: true },
      mutations: { networkMode: 'always' },
    },
  })
}
