import { isRecord } from '../../record.ts'
import { servedCapabilities } from '../extensions.ts'
import { isReservedMetaKey, MetaKey } from '../meta.ts'
import { MODERN } from './2026-07-28.ts'
import { legacyRules, type LegacyRevision } from './served.ts'

/** Client of a session, from the params of `initialize`. */
export interface LegacyClient {
  revision: LegacyRevision
  capabilities: Record<string, unknown>
  clientInfo: Record<string, unknown>
  /** Server capabilities in the result of `initialize`. */
  offered: Record<string, unknown>
}

/**
 * Members added by the session when a call continues: the client's responses and the hosted
 * server's state.
 */
export interface InputRound {
  inputResponses?: Record<string, unknown>
  requestState?: string
}

/**
 * Returns the params with the `_meta` of 2026-07-28. Removes reserved members sent by the client,
 * because a forged state must not reach the hosted server. Requests logs at `debug`; the session
 * then filters by level.
 */
export function toModernParams(params: Record<string, unknown>, client: LegacyClient, round: InputRound = {}): Record<string, unknown> {
  const { _meta, inputResponses: _responses, requestState: _state, task: _task, ...own } = params
  const meta = isRecord(_meta) ? Object.entries(_meta).filter(([key, value]) => !isReservedMetaKey(key) && value !== null) : []
  return {
    ...own,
    ...round,
    _meta: {
      ...Object.fromEntries(meta),
      [MetaKey.protocolVersion]: MODERN,
      [MetaKey.clientCapabilities]: modernCapabilities(client),
      // absent if the client sent none, because an empty clientInfo is malformed
      ...('name' in client.clientInfo ? { [MetaKey.clientInfo]: client.clientInfo } : {}),
      ...(client.offered['logging'] === undefined ? {} : { [MetaKey.logLevel]: 'debug' }),
    },
  }
}

function modernCapabilities({ capabilities, revision }: LegacyClient): Record<string, unknown> {
  const { elicitation: forms, sampling: models, ...kept } = servedCapabilities(capabilities)
  const rules = legacyRules(revision)
  const elicitation = isRecord(forms) ? rules.toModernElicitation(forms) : undefined
  const sampling = isRecord(models) ? rules.toModernSampling(models) : undefined
  return { ...kept, ...(elicitation ? { elicitation } : {}), ...(sampling ? { sampling } : {}) }
}
