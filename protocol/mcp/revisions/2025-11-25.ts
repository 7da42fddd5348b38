import { rules20250618 } from './2025-06-18.ts'
import type { LegacyRules } from './legacy-rules.ts'

/**
 * Adds elicitation in url mode, and streams that start with an id.
 */
export const rules20251125: LegacyRules = {
  ...rules20250618,
  startsStreamsWithId: true,

  toModernElicitation: (capability) => capability,

  toModernSampling: (capability) => capability,

  toElicitation: ({ mode, ...params }, elicitationId) =>
    mode === 'url' ? { ...params, mode, elicitationId } : { ...params, mode: 'form' },
}
