import { parseAddresses, serverUrls } from '../../../protocol/location.ts'
import { encodeHeaderValue } from '../../../protocol/mcp/header-value.ts'
import { scopesOf } from '../../../protocol/principal.ts'
import type { Finding } from '../../../protocol/versions/surface.ts'
import type { HostedServer } from '../../../store/servers/servers.ts'
import { recordLines } from '../../activity/record.ts'
import { CALL_ID_HEADER, type Answer, type Call, type HostingContext, type McpRequest, type Source, type SourceContext } from '../source.ts'
import { internalError, readTenantResponse, TenantFault } from './tenant-response.ts'
import { findIsolate, NeverStarted, type Isolate } from './isolate.ts'
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
      if (!signal.aborted || Date.now() >= call.deadline) note(`${nameOf(request)}: ${describe(error, call)}`)
      return internalError(correlationId)
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
   * Sends one request to the isolate. Retries once if the platform could not start the isolate,
   * because no tenant code has run then.
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
    const send = (isolate: Isolate) => isolate.fetch(props, resource, init)
    try {
      return await send(await this.#isolate(server))
    } catch (error) {
      if (signal.aborted || !(error instanceof NeverStarted)) throw error
      return send(await this.#isolate(server))
    }
  }

  #isolate(server: HostedServer): Promise<Isolate> {
    return findIsolate(server, this.#version, this.#env, this.#ctx)
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

function describe(error: unknown, call: Call): string {
  if (Date.now() >= call.deadline) return 'no response before the deadline; the call was stopped'
  if (error instanceof TenantFault || error instanceof NeverStarted) return error.message
  return String(error) // without the platform's stack; the tail has the tenant's stack
}
