import type { ActivityBody } from '../../../../protocol/api.ts'
import { Badge } from '../../components/badge.tsx'
import { Untrusted } from '../../components/untrusted.tsx'
import { OUTCOMES } from './call-names.ts'

type Call = Extract<ActivityBody, { kind: 'call' }>

export function Outcome({ outcome, code }: Pick<Call, 'outcome' | 'code'>) {
  const { word, tone } = OUTCOMES[outcome]
  return <Badge tone={tone}>{code === undefined ? word : `${word} ${code}`}</Badge>
}

/** Name of the calling app, or the client id. Calls without a token are anonymous. */
export function Caller({ clientName, clientId }: Pick<Call, 'clientName' | 'clientId'>) {
  const name = clientName ?? clientId
  return name === undefined ? <span className="text-soft">Anonymous</span> : <Untrusted text={name} lines={1} />
}
