import { rules20250326 } from './2025-03-26.ts'
import { rules20250618 } from './2025-06-18.ts'
import { rules20251125 } from './2025-11-25.ts'
import { MODERN } from './2026-07-28.ts'
import type { LegacyRules } from './legacy-rules.ts'

/** Revisions with sessions, newest first. */
const LEGACY = ['2025-11-25', '2025-06-18', '2025-03-26'] as const
export type LegacyRevision = (typeof LEGACY)[number]

const RULES: Record<LegacyRevision, LegacyRules> = {
  '2025-11-25': rules20251125,
  '2025-06-18': rules20250618,
  '2025-03-26': rules20250326,
}

/** Revisions supported at every hosted server, newest first. */
export const SERVED_REVISIONS: readonly string[] = [MODERN, ...LEGACY]

export function isLegacyRevision(text: string): text is LegacyRevision {
  return (LEGACY as readonly string[]).includes(text)
}

export function legacyRules(revision: LegacyRevision): LegacyRules {
  return RULES[revision]
}

/**
 * Returns the revision for `initialize`: the requested revision if supported, otherwise the newest
 * revision with sessions.
 */
export function negotiateRevision(requested: unknown): LegacyRevision {
  if (requested === '2024-11-05') return '2025-03-26' // the nearest revision with Streamable HTTP
  return LEGACY.find((revision) => revision === requested) ?? LEGACY[0]
}

/** Returns true if the revision has `notifications/elicitation/complete`. */
export function hasUrlElicitation(revision: string): boolean {
  return isLegacyRevision(revision) && legacyRules(revision).hasUrlElicitation
}

/** Returns the fault of a body with several messages, or undefined if the revision has batches. */
export function batchFault(revision: LegacyRevision | typeof MODERN): string | undefined {
  if (revision !== MODERN && legacyRules(revision).hasBatches) return undefined
  return 'A body must contain one message, because batches exist in revision 2025-03-26 only.'
}
