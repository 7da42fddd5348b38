import { rules20250618 } from './2025-06-18.ts'
import type { LegacyRules } from './legacy-rules.ts'
import { toSamplingWithTools } from './sampling.ts'
import { toKnownTool, type Vocabulary } from './vocabulary.ts'

const vocabulary: Vocabulary = {
  ...rules20250618.vocabulary,
  samplingTypes: new Set([...rules20250618.vocabulary.samplingTypes, 'tool_use', 'tool_result']),
  hasIcons: true,
}

/**
 * Adds elicitation in url mode, forms with several choices, sampling with tools, icons, and streams
 * that start with an id.
 */
export const rules20251125: LegacyRules = {
  ...rules20250618,
  startsStreamsWithId: true,
  hasUrlElicitation: true,
  vocabulary,

  toModernElicitation: (capability) => capability,

  toModernSampling: (capability) => capability,

  toElicitation: ({ mode, ...params }, elicitationId) => ({
    // keeps the hosted server's id, because `notifications/elicitation/complete` repeats the id
    params: mode === 'url' ? { ...params, mode, elicitationId: ownId(params) ?? elicitationId } : { ...params, mode: 'form' },
    selections: {},
  }),

  toSampling: (params) => toSamplingWithTools(params, vocabulary, (tool) => rules20250618.toTool(toKnownTool(tool, vocabulary))),
}

function ownId({ elicitationId }: Record<string, unknown>): string | undefined {
  return typeof elicitationId === 'string' && elicitationId !== '' && elicitationId.length <= 256 ? elicitationId : undefined
}
