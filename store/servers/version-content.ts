import { versionContentSchema, type VersionContent } from '../../protocol/versions/content.ts'
import { versions } from '../schema/servers.ts'

/** Columns from which {@link toContent} reads a version's content. */
export const contentColumns = { content: versions.content, bundleHash: versions.bundleHash, mainModule: versions.mainModule }

interface ContentRow {
  content: unknown
  bundleHash: string
  mainModule: string
}

/**
 * Parses the content of a row. A row older than the `content` column holds code, described by the
 * other columns.
 */
export function toContent({ content, bundleHash, mainModule }: ContentRow): VersionContent {
  return versionContentSchema.parse(content ?? { source: 'code', bundleHash, mainModule })
}

/** Returns the column values that store the content. */
export function toContentColumns(content: VersionContent) {
  const { source, bundleHash } = content
  return { source, content, bundleHash, mainModule: source === 'code' ? content.mainModule : '' }
}
