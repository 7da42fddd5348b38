import type { ToolDefinition } from '../../../../../protocol/api.ts'
import { Badge } from '../../../components/badge.tsx'
import { canWrite } from './displayed-surface.ts'

/** Hints of a tool, and the required scope. The platform enforces the read-only hint only. */
export function ToolBadges({ tool }: { tool: ToolDefinition }) {
  const { destructiveHint, idempotentHint, openWorldHint } = tool.annotations ?? {}
  const changes = canWrite(tool)
  return (
    <ul aria-label="Tool properties" className="flex flex-wrap gap-2">
      <li>
        <Badge tone={changes ? 'warn' : 'good'}>{changes ? 'Can write' : 'Read-only'}</Badge>
      </li>
      {changes && destructiveHint !== false && (
        <li>
          <Badge tone="bad">Destructive{destructiveHint === undefined && ' (default)'}</Badge>
        </li>
      )}
      {changes && idempotentHint === true && (
        <li>
          <Badge>Idempotent</Badge>
        </li>
      )}
      {openWorldHint !== undefined && (
        <li>
          <Badge>{openWorldHint ? 'Open world' : 'Closed world'}</Badge>
        </li>
      )}
      <li>
        <Badge tone="accent">
          Scope <code>{changes ? 'mcp:write' : 'mcp:read'}</code>
        </Badge>
      </li>
    </ul>
  )
}
