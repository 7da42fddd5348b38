import { isRevision, NEWEST, type Revision } from './connection/revisions.ts'

export const VIEWS = ['tools', 'prompts', 'resources', 'calls', 'wire'] as const
export type View = (typeof VIEWS)[number]

/**
 * What of the tools page is in its address, so that it can be shared and gone back to. What is as
 * usual is left out.
 */
export interface ToolsSearch {
  view?: View
  tool?: string
  prompt?: string
  /** A resource's URI or a template's. */
  resource?: string
  /** A version that need not be active. */
  version?: number
  revision?: Revision
}

/** From anything somebody may have put there. */
export function parseToolsSearch(search: Record<string, unknown>): ToolsSearch {
  const { view, version, revision } = search
  const text = (name: 'tool' | 'prompt' | 'resource') => {
    const value = search[name]
    const written = typeof value === 'number' ? String(value) : value
    return typeof written === 'string' && written !== '' ? { [name]: written } : {}
  }
  return {
    ...(VIEWS.some((each) => each === view) && view !== 'tools' ? { view: view as View } : {}),
    ...text('tool'),
    ...text('prompt'),
    ...text('resource'),
    ...(typeof version === 'number' && Number.isInteger(version) && version > 0 ? { version } : {}),
    ...(isRevision(revision) && revision !== NEWEST ? { revision } : {}),
  }
}
