import { infiniteQueryOptions, QueryClient, queryOptions } from '@tanstack/react-query'
import type { Page, ProblemBody } from '../../protocol/api.ts'

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

/** The API paths of a tenant and of a hosted server. */
export const apiPath = {
  tenant: (tenant: string) => `/tenants/${encodeURIComponent(tenant)}`,
  server: (tenant: string, server: string) => `${apiPath.tenant(tenant)}/servers/${encodeURIComponent(server)}`,
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
