/** The stateless revision, which every hosted server is written for. */
export const MODERN = '2026-07-28'

/** Revisions with sessions, newest first. */
export const LEGACY = ['2025-11-25', '2025-06-18', '2025-03-26'] as const
export type LegacyRevision = (typeof LEGACY)[number]

/** All that every hosted server's URL answers, newest first. */
export const SERVED_REVISIONS: readonly string[] = [MODERN, ...LEGACY]

export function isLegacyRevision(text: string): text is LegacyRevision {
  return (LEGACY as readonly string[]).includes(text)
}

/** Methods whose results a client may keep, so that they carry `ttlMs` and `cacheScope` (2026-07-28, caching). */
export const CACHEABLE: ReadonlySet<string> = new Set([
  'server/discover',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
])

/** Methods that may be answered with `input_required`. */
export const MAY_ASK: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read'])

/** Everything a client may ask a stateless server; what an extension adds is not served. */
export const MODERN_METHODS: ReadonlySet<string> = new Set([
  'server/discover',
  'tools/list',
  'tools/call',
  'prompts/list',
  'prompts/get',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'completion/complete',
  'subscriptions/listen',
])
