/** Everything a version offers to clients, as recorded by the probe. Immutable. */
export interface Surface {
  /** Server info from server/discover. */
  serverInfo: { name: string; version: string; title?: string; [key: string]: unknown }
  capabilities: Record<string, unknown>
  instructions?: string
  supportedVersions: string[]
  tools: ToolDefinition[]
  prompts: Record<string, unknown>[]
  resources: Record<string, unknown>[]
  resourceTemplates: Record<string, unknown>[]
}

export interface ToolDefinition {
  name: string
  title?: string
  description?: string
  inputSchema: Record<string, unknown>
  outputSchema?: Record<string, unknown>
  annotations?: { readOnlyHint?: boolean; destructiveHint?: boolean; idempotentHint?: boolean; openWorldHint?: boolean; title?: string }
  [key: string]: unknown
}

/** Result of a check of an upload or of the probe. An `error` refuses the version. */
export interface Finding {
  severity: 'error' | 'warning' | 'info'
  /** Stable identifier such as `module-name`, `tool-schema` or `push-style-call`. */
  rule: string
  /** Subject of the finding: a module name, `tools/echo` or `server/discover`. */
  subject: string
  message: string
}

/** Returns true unless the tool is read-only. Such a call needs the scope mcp:write. */
export function writes(tool: ToolDefinition | undefined): boolean {
  return tool?.annotations?.readOnlyHint !== true
}
