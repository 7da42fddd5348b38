import { isRevision, NEWEST, type Revision } from './connection/revisions.ts'

export const VIEWS = ['tools', 'prompts', 'resources', 'calls', 'wire'] as const
export type View = (typeof VIEWS)[number]

/** Query string of the playground. Default values are omitted. */
export interface ToolsSearch {
  view?: View
  tool?: string
  prompt?: string
  /** URI of a resource, or of a resource template. */
  resource?: string
  /** Version to try instead of the active version. */
  version?: number
  revision?: Revision
}

/** Parses the query string and drops invalid values. */
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
