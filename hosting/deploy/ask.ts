import { isResponse, type JsonRpcError } from '../../protocol/mcp/json-rpc.ts'
import { MODERN } from '../../protocol/mcp/revisions/2026-07-28.ts'
import type { GrantedPrincipal } from '../../protocol/principal.ts'
import type { HostedServer, VersionReference } from '../../store/servers/servers.ts'
import { inert } from '../activity/record.ts'
import type { Finding } from '../../protocol/versions/surface.ts'
import { sourceOf } from '../sources/registry.ts'
import type { Answer, Call, HostingContext } from '../sources/source.ts'
import { MetaKey } from '../../protocol/mcp/meta.ts'

/** Deadline of probe requests except the trial call. */
const DEADLINE_MS = 10_000
/** Deadline of the trial call. A slow tool is no error. */
export const TRY_MS = 3_000

/**
 * Holds every scope, so that the probe sees the whole surface. Belongs to no grant, client or user.
 */
const PROBE: GrantedPrincipal = {
  kind: 'granted',
  grantId: 'probe',
  clientId: 'probe',
  userId: undefined,
  scopes: ['mcp:read', 'mcp:write'],
  tools: undefined,
  expiresAt: Number.MAX_SAFE_INTEGER,
}

/** Declares every client capability, so that no tool refuses for lack of a capability. */
const META = {
  [MetaKey.protocolVersion]: MODERN,
  [MetaKey.clientInfo]: { name: 'wharf-probe', version: '1.0.0' },
  [MetaKey.clientCapabilities]: {
    elicitation: { form: {}, url: {} },
    sampling: { context: {}, tools: {} },
    roots: {},
    extensions: { 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html;profile=mcp-app'] } },
  },
}

export type Reply = { result: Record<string, unknown> } | FailedReply

interface FailedReply {
  error: JsonRpcError
  /** Reason of the failure, as written to the log. */
  detail: string
  /** Set if the version could not start. */
  explanation: Finding | undefined
  /** True if the deadline passed. */
  late: boolean
}

/** Sends a request to the probed version. */
export type Ask = (method: string, params: Record<string, unknown>, paramHeaders?: Record<string, string>) => Promise<Reply>

export interface Probed {
  server: HostedServer
  version: VersionReference
  /** Receives the subject of a request before the request is sent. */
  onAsk?: (subject: string) => void
}

export function askerOf({ server, version, onAsk = () => {} }: Probed, env: Env, ctx: HostingContext): Ask {
  const details: string[] = []
  const source = sourceOf(version, { env, ctx, log: (_, line) => details.push(line.message) })
  return async (method, params, paramHeaders = {}) => {
    details.length = 0
    onAsk(method === 'tools/call' ? `tools/${String(params['name'])}` : method)
    const deadlineMs = method === 'tools/call' ? TRY_MS : DEADLINE_MS
    const call: Call = {
      server,
      principal: PROBE,
      signal: AbortSignal.timeout(deadlineMs),
      surface: undefined,
    }
    const reply = await lastOf(await source.answer({ id: 'probe', method, params: { ...params, _meta: META }, paramHeaders }, call))
    if ('result' in reply) return reply
    const detail = inert(details.join('\n') || reply.error.message, 2_000)
    return { error: reply.error, detail, explanation: source.explainFailure?.(detail), late: call.signal.aborted }
  }
}

async function lastOf(answer: Answer): Promise<{ result: Record<string, unknown> } | { error: JsonRpcError }> {
  if (!('messages' in answer)) return answer
  for await (const message of answer.messages) {
    if (isResponse(message)) return 'result' in message ? { result: message.result } : { error: message.error }
  }
  throw new Error('a stream of a hosted server ended without a response')
}
