import type { GrantBody } from '../../../../protocol/api.ts'
import { Badge } from '../../components/badge.tsx'
import { Named } from '../../components/columns.tsx'

type NamedGrant = Pick<GrantBody, 'clientId' | 'clientName' | 'clientKind' | 'redirectUri'>

/** Name of an app above the verified client id or redirect URI, as on the consent page. */
export function AppName({ grant }: { grant: NamedGrant }) {
  const { clientId, clientName, clientKind, redirectUri } = grant
  const identifier = clientKind === 'document' ? clientId : redirectUri
  return <Named name={clientName} fallback="Unnamed app" identifier={identifier} />
}

/** Permissions of a grant as badges. */
export function GrantedRights({ grant }: { grant: Pick<GrantBody, 'scopes' | 'tools' | 'toolLimit'> }) {
  const { scopes, tools, toolLimit } = grant
  const writes = scopes.includes('mcp:write')
  const chosen = tools !== null && toolLimit !== null ? tools.filter((name) => toolLimit.includes(name)) : (tools ?? toolLimit)
  return (
    <span className="flex flex-wrap items-center gap-1.5">
      <Badge tone={writes ? 'warn' : 'plain'}>{writes ? 'Read and write' : 'Read-only'}</Badge>
      {chosen !== null && (
        <span title={chosen.join(', ')}>
          <Badge>{chosen.length === 1 ? '1 tool' : `${chosen.length} tools`}</Badge>
        </span>
      )}
      {scopes.includes('offline_access') && <Badge>Offline access</Badge>}
    </span>
  )
}
