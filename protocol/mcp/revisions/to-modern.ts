import { isRecord } from '../../record.ts'
import { isReservedMetaKey, MetaKey } from '../meta.ts'
import { MODERN } from './2026-07-28.ts'
import { legacyRules, type LegacyRevision } from './served.ts'

/** What `initialize` tells of the client, kept for as long as its session. */
export interface LegacyClient {
  revision: LegacyRevision
  capabilities: Record<string, unknown>
  clientInfo: Record<string, unknown>
  /** The server's capabilities, as it was told. */
  offered: Record<string, unknown>
}

/** What the session adds to a request that has been asked for input: the client's answers, and the hosted server's own state. */
export interface InputRound {
  inputResponses?: Record<string, unknown>
  requestState?: string
}

/**
 * A request's params with the `_meta` of 2026-07-28. What only the session may say is taken out of the client's own first: a state it made up would reach the
 * hosted server as one of its own. Logs are asked for at `debug`, and filtered by the session's own level.
 */
export function toModernParams(params: Record<string, unknown>, client: LegacyClient, round: InputRound = {}): Record<string, unknown> {
  const { _meta, inputResponses: _responses, requestState: _state, task: _task, ...own } = params
  const meta = isRecord(_meta) ? Object.entries(_meta).filter(([key]) => !isReservedMetaKey(key)) : []
  return {
    ...own,
    ...round,
    _meta: {
      ...Object.fromEntries(meta),
      [MetaKey.protocolVersion]: MODERN,
      [MetaKey.clientCapabilities]: modernCapabilities(client),
      [MetaKey.clientInfo]: client.clientInfo,
      ...(client.offered['logging'] === undefined ? {} : { [MetaKey.logLevel]: 'debug' }),
    },
  }
}

/** Tasks of 2025-11-25 are another protocol than the extension's, and elicitation began with 2025-06-18. */
function modernCapabilities({ capabilities, revision }: LegacyClient): Record<string, unknown> {
  const { tasks: _tasks, extensions: _extensions, elicitation, ...kept } = capabilities
  const modern = isRecord(elicitation) ? legacyRules(revision).toModernElicitation(elicitation) : undefined
  return modern ? { ...kept, elicitation: modern } : kept
}
