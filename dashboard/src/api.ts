import { infiniteQueryOptions, QueryClient, queryOptions } from '@tanstack/react-query'
import type { Page, ProblemBody } from '../../protocol/api.ts'

/** An error response of the API (RFC 9457). Status 0 means no response. */
export class ApiProblem extends Error {
  override name = 'ApiProblem'
  readonly status: number
  readonly title: string
  /** JSON Pointer of a body field -> error. */
  readonly fields: ReadonlyMap<string, string>

  constructor(status: number, title: string, detail: string, errors: { pointer: string; detail: string }[] = []) {
    super(detail)
    this.status = status
    this.title = title
    this.fields = new Map(errors.map((error) => [error.pointer, error.detail]))
  }
}

/** Returns the field errors of a failed request. Empty if no field caused the error. */
export function faultsOf(problem: unknown): ReadonlyMap<string, string> {
  return problem instanceof ApiProblem ? problem.fields : new Map()
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

const ATTEMPTS = 3

interface Options {
  accept?: string
  signal?: AbortSignal
}

/** Calls the management API and returns the JSON body, typed as in `protocol/api.ts`. */
export async function call<T>(method: Method, path: string, body?: unknown, options: Options = {}): Promise<T> {
  const response = await request(method, path, body, options)
  return response.status === 204 ? (undefined as T) : ((await response.json()) as T)
}

/**
 * Calls the management API and returns a successful response. Throws an {@link ApiProblem} for any
 * other response. A POST carries an `Idempotency-Key`, so a retry after a lost response has no
 * second effect. If the sign-in has expired, a GET leads to the sign-in page and back. Other
 * methods throw, so a form keeps the input.
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
      if (last) throw new ApiProblem(0, 'No connection', 'The platform did not respond.')
      await pause(attempt * 400)
      continue
    }
    if (response.ok) return response
    if (response.status === 401 && method === 'GET') return signIn()
    if (response.status === 401) throw new ApiProblem(401, 'Not signed in', 'Your sign-in has expired. Nothing was changed.')
    const isTransient = response.status === 503 || (response.status === 409 && response.headers.has('Retry-After'))
    if (!isTransient || last) throw await readProblem(response)
    await response.body?.cancel()
    await pause(attempt * 1000)
  }
}

/** Leaves for the sign-in page. The promise never settles, so the page shows no error meanwhile. */
function signIn(): Promise<never> {
  location.assign(`/auth/sign-in?continue=${encodeURIComponent(location.pathname + location.search)}`)
  return new Promise(() => {})
}

async function readProblem(response: Response): Promise<ApiProblem> {
  try {
    return toProblem((await response.json()) as ProblemBody)
  } catch {
    return new ApiProblem(response.status, 'Unexpected response', `The platform responded with status ${response.status} and no details.`)
  }
}

export function toProblem({ status, title, detail, errors }: ProblemBody): ApiProblem {
  return new ApiProblem(status, title, detail, errors)
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

/** The API paths of a tenant and of a hosted server. */
export const apiPath = {
  tenant: (tenant: string) => `/tenants/${encodeURIComponent(tenant)}`,
  server: (tenant: string, server: string) => `${apiPath.tenant(tenant)}/servers/${encodeURIComponent(server)}`,
}

/** Query of a list without pages. */
export function list<T>(queryKey: readonly unknown[], path: string) {
  return queryOptions({
    queryKey: [...queryKey, 'all'],
    queryFn: async ({ signal }) => (await call<Page<T>>('GET', path, undefined, { signal })).items,
  })
}

/**
 * Query of a list in pages, newest first. The first page is small to load fast; later pages have
 * 200 items.
 */
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
      // request() retries already. Without a connection a query fails visibly instead of waiting.
      queries: { staleTime: 5_000, retry: false, networkMode: 'always', refetchOnReconnect: true },
      mutations: { networkMode: 'always' },
    },
  })
}
