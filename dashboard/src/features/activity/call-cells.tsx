import type { ActivityBody } from '../../../../protocol/api.ts'
import { Badge } from '../../components/badge.tsx'
import { Untrusted } from '../../components/untrusted.tsx'
import { OUTCOMES } from './call-names.ts'

type Call = Extract<ActivityBody, { kind: 'call' }>

export function Outcome({ outcome, code }: Pick<Call, 'outcome' | 'code'>) {
  const { word, tone } = OUTCOMES[outcome]
  return <Badge tone={tone}>{code === undefined ? word : `${word} ${code}`}</Badge>
}

/** The app, by its grant's name while it has one; nobody's where no token was needed. */
export function Caller({ clientName, clientId }: Pick<Call, 'clientName' | 'clientId'>) {
  const name = clientName ?? clientId
  return name === undefined ? <span className="text-soft">Anyone</span> : <Untrusted text={name} lines={1} />
}
