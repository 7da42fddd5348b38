import { isRecord } from '../../record.ts'
import { toFlatForm } from './flat-form.ts'
import type { LegacyRules } from './legacy-rules.ts'
import { toSamplingWithoutTools } from './sampling.ts'
import { needsWrapping, withObjectProperties, wrapSchema } from './structured-output.ts'
import type { Vocabulary } from './vocabulary.ts'

const vocabulary: Vocabulary = {
  contentTypes: new Set(['text', 'image', 'audio', 'resource', 'resource_link']),
  samplingTypes: new Set(['text', 'image', 'audio']),
  hasTitles: true,
  hasIcons: false,
  hasLastModified: true,
}

/**
 * Structured content must be an object, so other values are wrapped. Elicitation has form mode
 * only. Sampling has no tools.
 */
export const rules20250618: LegacyRules = {
  hasBatches: false,
  startsStreamsWithId: false,
  hasUrlElicitation: false,
  vocabulary,

  toModernElicitation: () => ({}),

  // every client can be asked to include context, and no client can be given tools
  toModernSampling: ({ context: _context, tools: _tools, ...capability }) => ({ ...capability, context: {} }),

  toTool({ outputSchema, ...tool }) {
    if (outputSchema === undefined) return tool
    return { ...tool, outputSchema: withObjectProperties(needsWrapping(outputSchema) ? wrapSchema(outputSchema) : outputSchema) }
  },

  toToolResult(result, structuredContent, tool) {
    if (structuredContent === undefined) return result
    const wraps = needsWrapping(tool?.outputSchema) || !isRecord(structuredContent)
    return { ...result, structuredContent: wraps ? { result: structuredContent } : structuredContent }
  },

  toElicitation({ mode: _mode, requestedSchema, ...params }) {
    const { form, selections } = toFlatForm(requestedSchema)
    return { params: { ...params, requestedSchema: form }, selections }
  },

  toSampling: (params) => toSamplingWithoutTools(params, vocabulary),
}
