import { rules20250618 } from './2025-06-18.ts'
import type { LegacyRules } from './legacy-rules.ts'
import type { Vocabulary } from './vocabulary.ts'

const vocabulary: Vocabulary = {
  ...rules20250618.vocabulary,
  contentTypes: new Set(['text', 'image', 'audio', 'resource']),
  hasTitles: false,
  hasLastModified: false,
}

/** Has batches. Lacks elicitation, structured content, titles and `resource_link`. */
export const rules20250326: LegacyRules = {
  ...rules20250618,
  hasBatches: true,
  vocabulary,

  toModernElicitation: () => undefined,

  toTool: ({ outputSchema: _outputSchema, ...tool }) => tool,

  toToolResult: (result) => result,
}
