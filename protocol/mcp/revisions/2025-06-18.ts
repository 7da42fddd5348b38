import { isRecord } from '../../record.ts'
import type { LegacyRules } from './legacy-rules.ts'
import { needsWrapping, wrapSchema } from './structured-output.ts'

/**
 * Structured content must be an object, so other values are wrapped. Elicitation has form mode
 * only.
 */
export const rules20250618: LegacyRules = {
  hasBatches: false,
  startsStreamsWithId: false,

  toModernElicitation: () => ({}),

  // every client can be asked to include context, and no client can be given tools
  toModernSampling: ({ context: _context, tools: _tools, ...capability }) => ({ ...capability, context: {} }),

  toTool({ outputSchema, ...tool }) {
    if (outputSchema === undefined) return tool
    return { ...tool, outputSchema: needsWrapping(outputSchema) ? wrapSchema(outputSchema) : outputSchema }
  },

  toToolResult(result, structuredContent, tool) {
    if (structuredContent === undefined) return result
    const wraps = needsWrapping(tool?.outputSchema) || !isRecord(structuredContent)
    return { ...result, structuredContent: wraps ? { result: structuredContent } : structuredContent }
  },

  toElicitation: ({ mode: _mode, ...form }) => form,
}
