import { authorizationNeeded, insufficientScope } from '../../protocol/oauth/challenge.ts'
import { covers, type Scope } from '../../protocol/oauth/scope.ts'
import { scopesOf, type Principal } from '../../protocol/principal.ts'
import { writes, type Surface, type ToolDefinition } from '../../protocol/versions/surface.ts'
import type { McpRequest } from '../sources/source.ts'
import type { CallRequest } from './call-request.ts'
import { isRecord } from '../../protocol/record.ts'

/** What a principal may see and call at a hosted server. The surface says which tools only read; a tool it does not know counts as one that writes. */

/** The tool a call names, if the version showed it when it was probed. */
export function calledTool(
  { method, params }: Pick<McpRequest, 'method' | 'params'>,
  surface: Surface | undefined,
): ToolDefinition | undefined {
  return method === 'tools/call' ? surface?.tools.find(({ name }) => name === params['name']) : undefined
}

/** False where the grant leaves this tool out: then it is not listed and unknown when called. */
export function isGranted(principal: Principal, tool: string): boolean {
  return principal.kind !== 'granted' || principal.tools === undefined || principal.tools.includes(tool)
}

/**
 * Throws what the client must do first: a 403 that names every scope this request needs, or, for a caller without a token, a 401. Discovery, lists, reading
 * and read-only tools need `mcp:read`, which the bearer gate has seen.
 */
export function demandScopes(
  { method }: Pick<McpRequest, 'method'>,
  { principal, tool, resourceMetadata }: Pick<CallRequest, 'principal' | 'tool' | 'resourceMetadata'>,
): void {
  if (method !== 'tools/call' || !writes(tool) || covers(scopesOf(principal), 'mcp:write')) return
  const scopes: Scope[] = ['mcp:read', 'mcp:write']
  throw principal.kind === 'anonymous' ? authorizationNeeded({ resourceMetadata, scopes }) : insufficientScope({ resourceMetadata, scopes })
}

/** What a caller is told whose access ended while their call was under way. */
export const ACCESS_ENDED = 'The access behind this call has ended.'

/** Why a call under way has to stop, by who its caller is now (undefined: nobody any more); undefined where it goes on. */
export function reasonToStop(
  principal: Principal | undefined,
  call: Pick<McpRequest, 'method' | 'params'>,
  tool: ToolDefinition | undefined,
): string | undefined {
  if (!principal) return ACCESS_ENDED
  if (call.method !== 'tools/call') return undefined
  const needed = writes(tool) ? 'mcp:write' : 'mcp:read'
  const mayCall = isGranted(principal, String(call.params['name'])) && covers(scopesOf(principal), needed)
  return mayCall ? undefined : 'This tool was taken out of what the app may use.'
}

/** A list as this principal may see it. A tool that only wants a wider scope stays, so that a call of it can step up. */
export function visibleTools(tools: unknown, principal: Principal): unknown {
  if (!Array.isArray(tools) || principal.kind !== 'granted' || principal.tools === undefined) return tools
  return tools.filter((tool: unknown) => isRecord(tool) && 'name' in tool && isGranted(principal, String(tool['name'])))
}
