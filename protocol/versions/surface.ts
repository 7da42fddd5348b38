import { z } from 'zod'

const objects = z.array(z.record(z.string(), z.unknown()))

const toolSchema = z.looseObject({
  name: z.string(),
  title: z.string().optional(),
  description: z.string().optional(),
  inputSchema: z.record(z.string(), z.unknown()),
  outputSchema: z.record(z.string(), z.unknown()).optional(),
  annotations: z
    .object({
      readOnlyHint: z.boolean().optional(),
      destructiveHint: z.boolean().optional(),
      idempotentHint: z.boolean().optional(),
      openWorldHint: z.boolean().optional(),
      title: z.string().optional(),
    })
    .optional(),
})
export type ToolDefinition = z.infer<typeof toolSchema>

/** Everything a version offers to clients, as recorded by the probe. Immutable. */
export const surfaceSchema = z.object({
  serverInfo: z.looseObject({ name: z.string(), version: z.string(), title: z.string().optional() }).describe('From server/discover.'),
  capabilities: z.record(z.string(), z.unknown()),
  instructions: z.string().optional(),
  supportedVersions: z.array(z.string()),
  tools: z.array(toolSchema),
  prompts: objects,
  resources: objects,
  resourceTemplates: objects,
})
export type Surface = z.infer<typeof surfaceSchema>

/** Result of a check of an upload or of the probe. An `error` refuses the version. */
export const findingSchema = z.object({
  severity: z.enum(['error', 'warning', 'info']),
  rule: z.string().describe('Stable identifier such as `module-name`, `tool-schema` or `push-style-call`.'),
  subject: z.string().describe('Subject of the finding: a module name, `tools/echo` or `server/discover`.'),
  message: z.string(),
})
export type Finding = z.infer<typeof findingSchema>

/** Returns true unless the tool is read-only. Such a call needs the scope mcp:write. */
export function writes(tool: ToolDefinition | undefined): boolean {
  return tool?.annotations?.readOnlyHint !== true
}
