import { CliError } from '../cli.ts'
import { NON_INTERACTIVE_ENV, wrangler } from '../wrangler.ts'

/** Variables that select the account, for wrangler and for our own requests. */
export interface AccountEnv {
  CLOUDFLARE_API_TOKEN?: string | undefined
  CLOUDFLARE_ACCOUNT_ID?: string | undefined
  CLOUDFLARE_API_BASE_URL?: string | undefined
}

/** Cloudflare's API for one account, with JSON requests and responses. */
export interface CloudflareAccount {
  id: string
  /** Environment for wrangler with the credentials of the account. */
  env: NodeJS.ProcessEnv
  /** Returns `result` of the response. Throws a CliError if Cloudflare refuses the request. */
  call: <T>(step: string, request: ApiRequest) => Promise<T>
  /** Returns `result` of the response, or undefined if Cloudflare answers 404. */
  find: <T>(step: string, request: ApiRequest) => Promise<T | undefined>
}

/** `path` follows `/client/v4/`; `{account}` in it stands for the id of the account. */
export interface ApiRequest {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH'
  path: string
  body?: unknown
}

interface Envelope {
  success: boolean
  result: unknown
  errors?: { code: number; message: string }[]
}

const TIMEOUT_MS = 60_000

/**
 * Opens the account of CLOUDFLARE_API_TOKEN, or of `wrangler login`. Throws a CliError if the
 * credentials give access to several accounts and CLOUDFLARE_ACCOUNT_ID is not set.
 */
export async function openAccount(env: AccountEnv = process.env): Promise<CloudflareAccount> {
  const base = env.CLOUDFLARE_API_BASE_URL ?? 'https://api.cloudflare.com/client/v4'
  const token = env.CLOUDFLARE_API_TOKEN ?? (await loginToken())
  const send = (step: string, request: ApiRequest) => sendRequest(step, { base, token, ...request })
  const id = env.CLOUDFLARE_ACCOUNT_ID ?? (await onlyAccount(send))
  const find = async <T>(step: string, request: ApiRequest): Promise<T | undefined> => {
    const { status, envelope } = await send(step, { ...request, path: request.path.replaceAll('{account}', id) })
    if (status === 404) return undefined
    return resultOf(step, status, envelope) as T
  }
  return {
    id,
    env: { ...NON_INTERACTIVE_ENV, ...env, CLOUDFLARE_API_TOKEN: token, CLOUDFLARE_ACCOUNT_ID: id },
    find,
    call: async <T>(step: string, request: ApiRequest): Promise<T> => {
      const result = await find<T>(step, request)
      if (result === undefined) throw new CliError(`${step} failed: Cloudflare answered 404.`)
      return result
    },
  }
}

/** Returns the token of `wrangler login`, which wrangler renews when needed. */
async function loginToken(): Promise<string> {
  const output = await wrangler('Signing in', ['auth', 'token', '--json']).catch(() => '{}')
  const { type, token } = readJson(output) as { type?: string; token?: string }
  if (!token || type === 'api_key')
    throw new CliError('No Cloudflare credentials found. Run "npx wrangler login", or set CLOUDFLARE_API_TOKEN.')
  return token
}

async function onlyAccount(send: (step: string, request: ApiRequest) => Promise<Answer>): Promise<string> {
  const step = 'Listing accounts'
  const { status, envelope } = await send(step, { path: 'accounts?per_page=50' })
  const accounts = resultOf(step, status, envelope) as { id: string; name: string }[]
  const [first, ...others] = accounts
  if (!first) throw new CliError('The Cloudflare credentials give access to no account. Use other credentials.')
  if (others.length > 0) {
    const list = accounts.map(({ id, name }) => `  ${id}  ${name}`).join('\n')
    throw new CliError(`The Cloudflare credentials give access to several accounts. Set CLOUDFLARE_ACCOUNT_ID to one of:\n${list}`)
  }
  return first.id
}

interface Answer {
  status: number
  envelope: Envelope
}

async function sendRequest(
  step: string,
  { base, token, method = 'GET', path, body }: ApiRequest & { base: string; token: string },
): Promise<Answer> {
  const response = await fetch(`${base}/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((error: unknown) => {
    const reason = error instanceof Error && error.name === 'TimeoutError' ? `no answer within ${TIMEOUT_MS / 1000} s` : 'no connection'
    throw new CliError(`${step} failed: ${reason} from ${new URL(base).host}. Run the command again.`)
  })
  return { status: response.status, envelope: readJson(await response.text()) as Envelope }
}

function resultOf(step: string, status: number, { success, result, errors = [] }: Envelope): unknown {
  if (success) return result ?? null
  const reasons = errors.map(({ code, message }) => `${message} (code ${code})`).join('; ')
  throw new CliError(`${step} failed: Cloudflare answered ${status}${reasons && `: ${reasons}`}.`)
}

/** Returns an empty object for text that is not JSON, for example a proxy's error page. */
function readJson(text: string): object {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
