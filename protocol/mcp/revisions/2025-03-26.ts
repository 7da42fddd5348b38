import { isRecord } from '../../record.ts'
import { textContent } from '../text-content.ts'
import { rules20250618 } from './2025-06-18.ts'
import type { LegacyRules } from './legacy-rules.ts'

/** Has batches. Lacks elicitation, structured content and `resource_link`. */
export const rules20250326: LegacyRules = {
  ...rules20250618,
  hasBatches: true,

  toModernElicitation: () => undefined,

  toTool: ({ outputSchema: _outputSchema, ...tool }) => tool,

  toToolResult: (result) => ({ ...result, content: result.content.map(linkToText) }),
}

function linkToText(block: unknown): unknown {
  if (!isRecord(block) || block['type'] !== 'resource_link') return block
  const parts = [block['title'] ?? block['name'], block['description'], block['uri']]
  return textContent(parts.filter((part) => typeof part === 'string').join('\n'))
}
