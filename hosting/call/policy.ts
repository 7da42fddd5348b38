import { authorizationNeeded, insufficientScope } from '../../protocol/oauth/challenge.ts'
import { covers, type Scope } from '../../protocol/oauth/scope.ts'
import { scopesOf, type Principal } from '../../protocol/principal.ts'
import { writes, type Surface, type ToolDefinition } from '../../protocol/versions/surface.ts'
import type { McpRequest } from '../sources/source.ts'
import type { CallRequest } from './call-request.ts'
import { isRecord } from '../../protocol/record.ts'

/*
 * Policy for tools: visible and callable tools of a principal. A tool counts as writing unless the
 * surface marks the tool as read-only.
 */

/** Finds the called tool in the surface. */
export function calledTool(
  { method, params }: Pick<McpRequest, 'method' | 'params'>,
  surface: Surface | undefined,
): ToolDefinition | undefined {
  return method === 'tools/call' ? surface?.tools.find(({ name }) => name === params['name']) : undefined
}

/**
 * Returns false if the grant excludes the tool. An excluded tool is not listed and counts as
 * unknown. A name of another type than string is excluded.
 */
export function isGranted(principal: Principal, tool: unknown): boolean {
  if (principal.kind !== 'granted' || principal.tools === undefined) return true
  return typeof tool === 'string' && principal.tools.includes(tool)
}

/**
 * Throws a 403 with every required scope, or a 401 for a caller without a token. Only calls of
 * writing tools need more than `mcp:read`, and the bearer gate has checked `mcp:read`.
 */
export function demandScopes(
  { method }: Pick<McpRequest, 'method'>,
  { principal, tool, resourceMetadata }: Pick<CallRequest, 'principal' | 'tool' | 'resourceMetadata'>,
): void {
  if (method !== 'tools/call' || !writes(tool) || covers(scopesOf(principal), 'mcp:write')) return
  const scopes: Scope[] = ['mcp:read', 'mcp:write']
  throw principal.kind === 'anonymous' ? authorizationNeeded({ resourceMetadata, scopes }) : insufficientScope({ resourceMetadata, scopes })
}

/** Error text for a call whose grant ended during the call. */
export const ACCESS_ENDED = 'Access was revoked during the call. Authorize again.'

/**
 * Returns why a running call must stop, or undefined. Pass no principal if the access was revoked.
 */
export function reasonToStop(
  principal: Principal | undefined,
  call: Pick<McpRequest, 'method' | 'params'>,
  tool: ToolDefinition | undefined,
): string | undefined {
  if (!principal) return ACCESS_ENDED
  if (call.method !== 'tools/call') return undefined
  const needed = writes(tool) ? 'mcp:write' : 'mcp:read'
  const mayCall = isGranted(principal, call.params['name']) && covers(scopesOf(principal), needed)
  return mayCall ? undefined : 'The grant no longer allows this tool. Authorize again.'
}

/** Leaves out excluded tools. Keeps tools of a wider scope, so a call can step up. */
export function visibleTools(tools: unknown, principal: Principal): unknown {
  if (!Array.isArray(tools) || principal.kind !== 'granted' || principal.tools === undefined) return tools
  const granted: ReadonlySet<unknown> = new Set(principal.tools)
  return tools.filter((tool: unknown) => isRecord(tool) && granted.has(tool['name']))
}
