import { parseAddresses, serverUrls } from '../../../protocol/location.ts'
import { encodeHeaderValue } from '../../../protocol/mcp/header-value.ts'
import { scopesOf } from '../../../protocol/principal.ts'
import type { HostedServer } from '../../../store/servers/servers.ts'
import { recordLines, type LogLine } from '../../activity/record.ts'
import { CALL_ID_HEADER, type Answer, type Call, type HostingContext, type McpRequest, type Source } from '../source.ts'
import { internalError, readTenantResponse, TenantFault } from './tenant-response.ts'
import { findIsolate } from './isolate.ts'

const REVISION = '2026-07-28'

/** Who calls, as the tenant's code finds it in `ctx.props`. Nothing here is secret or opens anything. */
interface CallerProps {
  /** The user's id; absent for an anonymous caller and for a client that acts for itself. */
  user: string | undefined
  /** The OAuth client's id; absent for an anonymous caller. */
  client: string | undefined
  scopes: readonly string[]
  /** Slugs. */
  tenant: string
  server: string
}

/** A version's ES modules in a Dynamic Worker. Its default export has `fetch(request, env, ctx)`, as any Worker has; of what it answers only the JSON-RPC counts. */
export function codeSource(env: Env, ctx: HostingContext, log: Log = (server, line) => recordLines(server, [line], env, ctx)): Source {
  return { answer: (request, call) => answer(request, call, { env, ctx, log }) }
}

/** Where a failure's detail goes: the tenant's log, unless the asker (the probe) wants it. */
type Log = (server: HostedServer, line: LogLine) => void

async function answer(request: McpRequest, call: Call, { env, ctx, log }: { env: Env; ctx: HostingContext; log: Log }): Promise<Answer> {
  const correlationId = crypto.randomUUID()
  const stop = new AbortController()
  const signal = AbortSignal.any([call.signal, stop.signal])

  /** The detail is the tenant's to read; the caller gets the id to quote. */
  const note = (message: string) => log(call.server, { at: Date.now(), level: 'error', origin: 'platform', message, correlationId })
  const fault = (error: unknown) => {
    if (!signal.aborted || Date.now() >= call.deadline) note(`${nameOf(request)}: ${describe(error, call)}`)
    return internalError(correlationId)
  }

  try {
    const response = await dispatch(request, { ...call, signal }, correlationId, env, ctx)
    return await readTenantResponse(response, { request, fault, note, stop: () => stop.abort() })
  } catch (error) {
    const failure = { error: fault(error) }
    stop.abort() // whatever it was, nothing of it is waited for any more
    return failure
  }
}

/** One request to the version's isolate, started if need be; started once more if reading its bundle had failed, which no code of the tenant's has seen. */
async function dispatch(request: McpRequest, call: Call, correlationId: string, env: Env, ctx: HostingContext): Promise<Response> {
  const { server, version, principal, signal } = call
  const props: CallerProps = {
    user: principal.kind === 'granted' ? principal.userId : undefined,
    client: principal.kind === 'granted' ? principal.clientId : undefined,
    scopes: scopesOf(principal),
    tenant: server.tenant,
    server: server.server,
  }
  const { resource } = serverUrls(server, 'path', parseAddresses(env.PUBLIC_ORIGIN, env.SERVER_HOST))
  const { id, method, params } = request
  const init = {
    method: 'POST',
    headers: headersOf(request, correlationId),
    body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
    redirect: 'manual' as const,
    signal,
  }
  const isolate = await findIsolate(server, version, env, ctx)
  try {
    return await isolate.worker.getEntrypoint(undefined, { props }).fetch(resource, init)
  } catch (error) {
    if (signal.aborted || !(await isolate.neverStarted(error))) throw error
    const { worker } = await findIsolate(server, version, env, ctx)
    return await worker.getEntrypoint(undefined, { props }).fetch(resource, init)
  }
}

/** Made here from what was checked; no header of the client's own request goes through, its bearer token and cookies least of all. */
function headersOf({ method, params, paramHeaders }: McpRequest, correlationId: string): Headers {
  const headers = new Headers({
    'Content-Type': 'application/json',
    Accept: 'application/json, text/event-stream',
    'MCP-Protocol-Version': REVISION,
    'Mcp-Method': method,
    [CALL_ID_HEADER]: correlationId,
  })
  for (const [name, value] of Object.entries(paramHeaders)) {
    if (/^mcp-param-/i.test(name)) headers.set(name, value)
  }
  const target = method === 'resources/read' ? params['uri'] : params['name']
  if (NAMED.has(method) && typeof target === 'string') headers.set('Mcp-Name', encodeHeaderValue(target))
  const { traceparent } = (params['_meta'] ?? {}) as { traceparent?: unknown }
  if (typeof traceparent === 'string' && /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/.test(traceparent))
    headers.set('traceparent', traceparent)
  return headers
}

const NAMED: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read'])

function nameOf({ method, params }: McpRequest): string {
  const target = params['name'] ?? params['uri']
  return NAMED.has(method) && typeof target === 'string' ? `${method} ${target}` : method
}

function describe(error: unknown, call: Call): string {
  if (Date.now() >= call.deadline) return 'it did not answer in time and was stopped'
  if (error instanceof TenantFault) return error.message
  return String(error) // its stack would be ours, not the tenant's: that one comes by the tail
}
