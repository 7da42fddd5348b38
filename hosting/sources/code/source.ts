import { parseAddresses, serverUrls } from '../../../protocol/location.ts'
import { encodeHeaderValue } from '../../../protocol/mcp/header-value.ts'
import { scopesOf } from '../../../protocol/principal.ts'
import type { Finding } from '../../../protocol/versions/surface.ts'
import { recordLines } from '../../activity/record.ts'
import { CALL_ID_HEADER, type Answer, type Call, type HostingContext, type McpRequest, type Source, type SourceContext } from '../source.ts'
import { internalError, readTenantResponse, TenantFault } from './tenant-response.ts'
import { findIsolate, NeverStarted } from './isolate.ts'
import { startFailure } from './start-failure.ts'
import type { CodeVersion } from './worker-code.ts'
import { MODERN, targetOf } from '../../../protocol/mcp/revisions/2026-07-28.ts'

/** The caller, as tenant code finds the caller in `ctx.props`. Has no secrets. */
interface CallerProps {
  /** Id of the user. Undefined for anonymous callers and for clients that act for themselves. */
  user: string | undefined
  /** Id of the OAuth client. Undefined for anonymous callers. */
  client: string | undefined
  scopes: readonly string[]
  /** Slugs. */
  tenant: string
  server: string
}

/**
 * Runs a version's ES modules in a Dynamic Worker. The default export has `fetch(request, env,
 * ctx)` like any Worker. Of the response only the JSON-RPC message is used.
 */
export class CodeSource implements Source {
  readonly #version: CodeVersion
  readonly #env: Env
  readonly #ctx: HostingContext
  readonly #log: NonNullable<SourceContext['log']>

  constructor(version: CodeVersion, { env, ctx, log }: SourceContext) {
    this.#version = version
    this.#env = env
    this.#ctx = ctx
    this.#log = log ?? ((server, line) => recordLines(server, [line], env, ctx))
  }

  async answer(request: McpRequest, call: Call): Promise<Answer> {
    const correlationId = crypto.randomUUID()
    const stop = new AbortController()
    const signal = AbortSignal.any([call.signal, stop.signal])

    /** Writes the detail to the tenant's log. The client gets only the correlation id. */
    const note = (message: string) => this.#log(call.server, { at: Date.now(), level: 'error', origin: 'platform', message, correlationId })
    const fault = (error: unknown) => {
      const failure = explain(error, signal)
      if (failure) note(`${nameOf(request)}: ${failure.detail}`)
      return internalError(correlationId, failure?.shown)
    }

    try {
      const response = await this.#dispatch(request, { ...call, signal }, correlationId)
      return await readTenantResponse(response, { request, fault, note, stop: () => stop.abort() })
    } catch (error) {
      const failure = { error: fault(error) }
      stop.abort() // ends a request that still runs
      return failure
    }
  }

  explainFailure(detail: string): Finding | undefined {
    return startFailure(detail, this.#version.content.mainModule)
  }

  /**
   * Sends one request to the isolate. Sends the request again only if no code of the tenant has run
   * for the request.
   */
  async #dispatch(request: McpRequest, { server, principal, signal }: Call, correlationId: string): Promise<Response> {
    const props: CallerProps = {
      user: principal.kind === 'granted' ? principal.userId : undefined,
      client: principal.kind === 'granted' ? principal.clientId : undefined,
      scopes: scopesOf(principal),
      tenant: server.tenant,
      server: server.server,
    }
    const { resource } = serverUrls(server, 'path', parseAddresses(this.#env.PUBLIC_ORIGIN, this.#env.SERVER_HOST))
    const { id, method, params } = request
    const init = {
      method: 'POST',
      headers: headersOf(request, correlationId),
      body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
      redirect: 'manual' as const,
      signal,
    }
    for (let attempt = 1; ; attempt++) {
      const isolate = await findIsolate(server, this.#version, this.#env, this.#ctx)
      try {
        return await isolate.fetch(props, resource, init)
      } catch (error) {
        if (signal.aborted || !(error instanceof NeverStarted) || attempt === MAX_ATTEMPTS) throw error
      }
    }
  }
}

/**
 * Makes the headers from checked values. Passes no header of the client's request on, so that
 * tenant code never receives the bearer token or a cookie.
 */
function headersOf({ method, params, paramHeaders }: McpRequest, correlationId: string): Headers {
  const headers = new Headers({
    'Content-Type': 'application/json',
    Accept: 'application/json, text/event-stream',
    'MCP-Protocol-Version': MODERN,
    'Mcp-Method': method,
    [CALL_ID_HEADER]: correlationId,
  })
  for (const [name, value] of Object.entries(paramHeaders)) {
    if (/^mcp-param-/i.test(name)) headers.set(name, value)
  }
  const target = targetOf(method, params)
  if (target !== undefined) headers.set('Mcp-Name', encodeHeaderValue(target))
  const { traceparent } = (params['_meta'] ?? {}) as { traceparent?: unknown }
  if (typeof traceparent === 'string' && /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/.test(traceparent))
    headers.set('traceparent', traceparent)
  return headers
}

function nameOf({ method, params }: McpRequest): string {
  const target = targetOf(method, params)
  return target !== undefined ? `${method} ${target}` : method
}

/** Attempts for a request that reached no code of the tenant. */
const MAX_ATTEMPTS = 3
/** Errors of the runtime after the end of an isolate, or for code that can never answer. */
const ENDED = /^Error: (?:internal error|The Workers runtime canceled this request)/

interface Failure {
  /** Text for the tenant's log. */
  detail: string
  /** Sentences for the caller. Undefined if the reason is the developers' matter. */
  shown?: string | undefined
}

/** Returns undefined if the client cancelled the call. */
function explain(error: unknown, signal: AbortSignal): Failure | undefined {
  if (signal.aborted) {
    const { name, message } = signal.reason as Error
    return name === 'TimeoutError' ? { detail: 'no response before the deadline; the call was stopped', shown: message } : undefined
  }
  if (error instanceof TenantFault) return { detail: error.message, shown: error.shown }
  if (error instanceof NeverStarted)
    return { detail: error.message, shown: 'The hosted server could not be started, and the call has not run.' }
  const detail = String(error) // without the platform's stack; the tail has the tenant's stack
  if (!ENDED.test(detail)) return { detail }
  return {
    detail: `the isolate ended during the call, by abortIsolate() or a limit of the runtime, or the code can never answer: ${detail}`,
    shown: 'The hosted server ended during the call. The call may have run.',
  }
}
