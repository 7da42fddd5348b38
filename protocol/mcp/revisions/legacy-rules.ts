import type { Selections } from './flat-form.ts'
import type { Vocabulary } from './vocabulary.ts'
import type { ToolDefinition } from '../../versions/surface.ts'

/** Differences of a revision with sessions from 2026-07-28. */
export interface LegacyRules {
  /** A POST body may contain several messages. */
  hasBatches: boolean
  /**
   * A stream starts with an id and empty data, so that a client can resume before the first
   * message.
   */
  startsStreamsWithId: boolean
  /** Error -32042 and `notifications/elicitation/complete` exist. */
  hasUrlElicitation: boolean
  /**
   * Translates the client's `elicitation` capability. Returns undefined if the revision has no
   * elicitation.
   */
  toModernElicitation(capability: Record<string, unknown>): Record<string, unknown> | undefined
  /** Translates the client's `sampling` capability. */
  toModernSampling(capability: Record<string, unknown>): Record<string, unknown>
  /** Words of results and questions. */
  vocabulary: Vocabulary
  /** Translates the output schema of a tool. */
  toTool(tool: Record<string, unknown>): Record<string, unknown>
  /** Translates a `tools/call` result. `result` has content but no structured content yet. */
  toToolResult(result: ToolResult, structuredContent: unknown, tool: ToolDefinition | undefined): Record<string, unknown>
  /**
   * Translates the params of `elicitation/create`. `elicitationId` names an elicitation in url
   * mode. The selections are needed to read the response.
   */
  toElicitation(params: Record<string, unknown>, elicitationId: string): { params: Record<string, unknown>; selections: Selections }
  /** Translates the params of `sampling/createMessage`. */
  toSampling(params: Record<string, unknown>): Record<string, unknown>
}

export interface ToolResult extends Record<string, unknown> {
  content: unknown[]
}
