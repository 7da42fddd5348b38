/** What the probe saw of a version when it asked as a client would: what clients will see. Kept with the version and never changed. */
export interface Surface {
  /** Of server/discover. */
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

/** One thing the upload's validation or the probe has to say. An `error` refuses the version. */
export interface Finding {
  severity: 'error' | 'warning' | 'info'
  /** A stable slug: `module-name`, `tool-schema`, `x-mcp-header`, `push-style-call` … */
  rule: string
  /** What it is about: a module's name, `tools/echo`, `server/discover`. */
  subject: string
  message: string
}

/** True when a call of this tool may change things: mcp:write is needed unless the tool says it only reads. */
export function writes(tool: ToolDefinition | undefined): boolean {
  return tool?.annotations?.readOnlyHint !== true
}
