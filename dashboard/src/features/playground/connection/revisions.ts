/** Supported MCP revisions, newest first. */
export const REVISIONS = ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26'] as const
export type Revision = (typeof REVISIONS)[number]

export const NEWEST: Revision = REVISIONS[0]

export function isRevision(text: unknown): text is Revision {
  return REVISIONS.some((revision) => revision === text)
}

/** Returns true from revision 2026-07-28 on. Earlier revisions use sessions. */
export function isStateless(revision: Revision): boolean {
  return revision === NEWEST
}
