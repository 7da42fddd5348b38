/** Keys of `_meta` reserved by MCP (2026-07-28). */
export const MetaKey = {
  protocolVersion: 'io.modelcontextprotocol/protocolVersion',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  logLevel: 'io.modelcontextprotocol/logLevel',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
  subscriptionId: 'io.modelcontextprotocol/subscriptionId',
} as const

/** Returns true for every key under the prefix of MCP, also for keys unknown here. */
export function isReservedMetaKey(key: string): boolean {
  return key.startsWith('io.modelcontextprotocol/')
}
