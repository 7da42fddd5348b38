import { isRecord } from '../../record.ts'
import { blocksOf } from '../input-required.ts'
import { mapRecords, toKnownContent, type Vocabulary } from './vocabulary.ts'

type Members = Record<string, unknown>

/** Returns the params of `sampling/createMessage` for 2025-11-25, the first revision with tools. */
export function toSamplingWithTools(params: Members, vocabulary: Vocabulary, toTool: (tool: Members) => Members): Members {
  const toBlock = (block: unknown) => {
    const known = toKnownContent(block, vocabulary.samplingTypes, vocabulary)
    if (!isRecord(known) || known['type'] !== 'tool_result') return known
    const { structuredContent, content, ...kept } = known
    const blocks = Array.isArray(content) ? content.map((part) => toKnownContent(part, vocabulary.contentTypes, vocabulary)) : content
    if (structuredContent === undefined) return { ...kept, content: blocks }
    return { ...kept, content: blocks, structuredContent: isRecord(structuredContent) ? structuredContent : { result: structuredContent } }
  }
  return {
    ...params,
    messages: mapRecords(params['messages'], ({ content, ...message }) => ({
      ...message,
      content: Array.isArray(content) ? content.map(toBlock) : toBlock(content),
    })),
    ...(params['tools'] === undefined ? {} : { tools: mapRecords(params['tools'], toTool) }),
  }
}

/**
 * Returns the params of `sampling/createMessage` for revisions with one block in each message. A
 * message with several blocks becomes several messages of the same role.
 */
export function toSamplingWithoutTools(params: Members, vocabulary: Vocabulary): Members {
  const { tools: _tools, toolChoice: _choice, messages, ...kept } = params
  if (!Array.isArray(messages)) return { ...kept, messages }
  const single = messages.flatMap((message: unknown) => {
    if (!isRecord(message)) return [message]
    const { role, content } = message
    return blocksOf(content).map((block) => ({ role, content: toKnownContent(block, vocabulary.samplingTypes, vocabulary) }))
  })
  return { ...kept, messages: single }
}
