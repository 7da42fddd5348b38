import type { GrantBody } from '../../../../protocol/api.ts'
import { Badge } from '../../components/badge.tsx'
import { Named } from '../../components/columns.tsx'

type NamedGrant = Pick<GrantBody, 'clientId' | 'clientName' | 'clientKind' | 'redirectUri'>

/** Who an app is: where it is known to be from before what it calls itself, as on the page that asked for consent. */
export function AppName({ grant }: { grant: NamedGrant }) {
  const { clientId, clientName, clientKind, redirectUri } = grant
  const known = clientKind === 'document' ? clientId : redirectUri
  return <Named name={clientName} unnamed="An app without a name" known={known} />
}

/** What a grant lets an app do, in words. */
export function GrantedRights({ grant }: { grant: Pick<GrantBody, 'scopes' | 'tools' | 'toolLimit'> }) {
  const { scopes, tools, toolLimit } = grant
  const writes = scopes.includes('mcp:write')
  const chosen = tools !== null && toolLimit !== null ? tools.filter((name) => toolLimit.includes(name)) : (tools ?? toolLimit)
  return (
    <span className="flex flex-wrap items-center gap-1.5">
      <Badge tone={writes ? 'warn' : 'plain'}>{writes ? 'use every tool' : 'use tools that only read'}</Badge>
      {chosen !== null && (
        <span title={chosen.join(', ')}>
          <Badge>{chosen.length === 1 ? '1 tool' : `${chosen.length} tools`}</Badge>
        </span>
      )}
      {scopes.includes('offline_access') && <Badge>stay connected</Badge>}
    </span>
  )
}
