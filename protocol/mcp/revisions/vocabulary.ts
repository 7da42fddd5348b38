import { isRecord } from '../../record.ts'
import { textContent } from '../text-content.ts'

/** Words of a revision with sessions. Words of 2026-07-28 beyond these are translated. */
export interface Vocabulary {
  /** Types of content in results of tools and in messages of prompts. */
  contentTypes: ReadonlySet<string>
  /** Types of content in messages of `sampling/createMessage`. */
  samplingTypes: ReadonlySet<string>
  hasTitles: boolean
  hasIcons: boolean
  /** `lastModified` of annotations. */
  hasLastModified: boolean
}

type Members = Record<string, unknown>

/** Returns a block of content. A type that the revision lacks becomes text. */
export function toKnownContent(block: unknown, types: ReadonlySet<string>, vocabulary: Vocabulary): unknown {
  if (!isRecord(block)) return block
  if (!types.has(String(block['type']))) return toText(block, vocabulary)
  return block['type'] === 'resource_link' ? toKnownEntry(block, vocabulary) : withKnownAnnotations(block, vocabulary)
}

/** Returns a prompt, resource, resource template, or link to a resource. */
export function toKnownEntry(entry: Members, vocabulary: Vocabulary): Members {
  const { title, icons, arguments: args, ...kept } = withKnownAnnotations(entry, vocabulary)
  const description = kept['description'] ?? (vocabulary.hasTitles ? undefined : title)
  return {
    ...kept,
    ...(vocabulary.hasTitles && title !== undefined ? { title } : {}),
    ...(description === undefined ? {} : { description }),
    ...(vocabulary.hasIcons && icons !== undefined ? { icons } : {}),
    ...(args === undefined ? {} : { arguments: mapRecords(args, (argument) => toKnownEntry(argument, vocabulary)) }),
  }
}

/** Returns a tool with its title in the annotations, if the revision has no other place. */
export function toKnownTool(tool: Members, { hasTitles, hasIcons }: Vocabulary): Members {
  const { title, icons, execution: _execution, annotations, ...kept } = tool
  const hints = isRecord(annotations) ? annotations : {}
  const named = hasTitles || title === undefined ? hints : { title, ...hints }
  return {
    ...kept,
    ...(hasTitles && title !== undefined ? { title } : {}),
    ...(hasIcons && icons !== undefined ? { icons } : {}),
    ...(Object.keys(named).length > 0 ? { annotations: named } : {}),
  }
}

/** Returns the info of a server. Description and website came with icons. */
export function toKnownServerInfo(info: Members, { hasTitles, hasIcons }: Vocabulary): Members {
  const { title, icons, description, websiteUrl, ...kept } = info
  const shown = { ...(hasTitles ? { title } : {}), ...(hasIcons ? { icons, description, websiteUrl } : {}) }
  return { ...kept, ...Object.fromEntries(Object.entries(shown).filter(([, value]) => value !== undefined)) }
}

/** Applies a function to the objects of a list. Returns other values unchanged. */
export function mapRecords(list: unknown, change: (entry: Members) => unknown): unknown {
  return Array.isArray(list) ? list.map((entry: unknown) => (isRecord(entry) ? change(entry) : entry)) : list
}

function withKnownAnnotations(value: Members, { hasLastModified }: Vocabulary): Members {
  const { annotations } = value
  if (hasLastModified || !isRecord(annotations) || !('lastModified' in annotations)) return value
  const { lastModified: _modified, ...kept } = annotations
  return { ...value, annotations: kept }
}

/** Returns the readable members of a block as text. */
function toText(block: Members, vocabulary: Vocabulary): Members {
  const { title, name, description, text, uri } = { ...(isRecord(block['resource']) ? block['resource'] : {}), ...block }
  const parts = [title ?? name, description, text, uri].filter((part) => typeof part === 'string')
  const content = textContent(parts.length > 0 ? parts.join('\n') : `[${String(block['type'])} content]`)
  const { annotations } = withKnownAnnotations(block, vocabulary)
  return annotations === undefined ? content : { ...content, annotations }
}
