import { isRecord } from '../record.ts'
import { MetaKey } from './meta.ts'

/**
 * Extensions of MCP that the platform passes on, in both directions and at every revision. MCP Apps
 * needs only tools and resources. Every other extension has methods or results of its own, which
 * the platform does not serve.
 */
const SERVED: ReadonlySet<string> = new Set(['io.modelcontextprotocol/ui'])

/**
 * Returns the capabilities of a client or server without unserved extensions, because an advertised
 * extension must be answered. Tasks of 2025-11-25 are an unserved extension too.
 */
export function servedCapabilities(capabilities: Record<string, unknown>): Record<string, unknown> {
  const { extensions, tasks: _tasks, ...kept } = capabilities
  const served = isRecord(extensions) ? Object.entries(extensions).filter(([name]) => SERVED.has(name)) : []
  return served.length > 0 ? { ...kept, extensions: Object.fromEntries(served) } : kept
}

/** Returns the names of the capabilities that {@link servedCapabilities} leaves out. */
export function unservedCapabilities({ extensions, tasks }: Record<string, unknown>): string[] {
  const names = isRecord(extensions) ? Object.keys(extensions).filter((name) => !SERVED.has(name)) : []
  return [...(tasks === undefined ? [] : ['tasks']), ...names.map((name) => `extensions["${name}"]`)]
}

/** Returns the params of a request without unserved extensions among the client's capabilities. */
export function withServedExtensions(params: Record<string, unknown>): Record<string, unknown> {
  const meta = params['_meta']
  const capabilities = isRecord(meta) ? meta[MetaKey.clientCapabilities] : undefined
  if (!isRecord(meta) || !isRecord(capabilities)) return params
  return { ...params, _meta: { ...meta, [MetaKey.clientCapabilities]: servedCapabilities(capabilities) } }
}
