import type { ToolDefinition } from '../../../../../protocol/api.ts'
import { Badge } from '../../../components/badge.tsx'
import { canChange } from './offered.ts'

/**
 * What a tool says it does to the world, and the scope a call needs for it. The platform holds it
 * to the first mark alone.
 */
export function ToolMarks({ tool }: { tool: ToolDefinition }) {
  const { destructiveHint, idempotentHint, openWorldHint } = tool.annotations ?? {}
  const changes = canChange(tool)
  return (
    <ul aria-label="What it does" className="flex flex-wrap gap-2">
      <li>
        <Badge tone={changes ? 'warn' : 'good'}>{changes ? 'Can change things' : 'Only reads'}</Badge>
      </li>
      {changes && destructiveHint !== false && (
        <li>
          <Badge tone="bad">May destroy{destructiveHint === undefined && ' (it does not say)'}</Badge>
        </li>
      )}
      {changes && idempotentHint === true && (
        <li>
          <Badge>Twice is as once</Badge>
        </li>
      )}
      {openWorldHint !== undefined && (
        <li>
          <Badge>{openWorldHint ? 'Reaches outside' : 'Stays inside'}</Badge>
        </li>
      )}
      <li>
        <Badge tone="accent">
          needs <code>{changes ? 'mcp:write' : 'mcp:read'}</code>
        </Badge>
      </li>
    </ul>
  )
}
