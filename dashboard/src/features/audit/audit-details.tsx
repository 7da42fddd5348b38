import { Link } from '@tanstack/react-router'
import type { AuditAction, AuditBody } from '../../../../protocol/api.ts'
import { Untrusted } from '../../components/untrusted.tsx'
import type { AccessTab } from '../access/access-tabs.ts'
import { detailText, UNLIMITED } from './detail-text.ts'
import type { NameOf } from './names.ts'

/** Words for the fields of an event. Other fields are shown under their own name. */
const WORDS: Record<string, string> = {
  userId: 'User',
  keyId: 'Access key',
  tokenId: 'Token',
  clientId: 'Client',
  providerId: 'Provider',
  identityProviderId: 'Provider',
  bundleHash: 'Bundle',
  grantTypes: 'Grant types',
  redirectUris: 'Redirect URIs',
  maxUses: 'Uses',
  expiresAt: 'Expires',
  tokenEndpointAuthMethod: 'Authentication',
  overlapSeconds: 'Overlap in seconds',
}
/** Ids that name no page, last. */
const IDS = new Set(['invitationId', 'linkId', 'grantId'])
const MAX_ID = 12

/** Server, version and details of an event, with links to what still exists. */
export function AuditDetails({ tenant, event, nameOf: presentName }: { tenant: string; event: AuditBody; nameOf: NameOf }) {
  const { server, serverId, action, detail, names } = event
  const nameOf: NameOf = (id) => names[id] ?? presentName(id)
  const deletedServer = server === null && serverId !== null && detail['slug'] === undefined ? names[serverId] : undefined
  const { number, ...rest } = detail
  const entries = Object.entries(rest)
    .filter(([name, value]) => value !== null || name in UNLIMITED)
    .toSorted(([a], [b]) => Number(IDS.has(a)) - Number(IDS.has(b)))
  return (
    <div className="flex flex-wrap gap-x-4 gap-y-0.5 text-sm">
      {server !== null && (
        <Pair name="Server">
          <Link to="/t/$tenant/s/$server" params={{ tenant, server }} className="link">
            {server}
          </Link>
        </Pair>
      )}
      {deletedServer !== undefined && <Pair name="Deleted server">{deletedServer}</Pair>}
      {typeof number === 'number' && (
        <Pair name="Version">
          {server !== null && action !== 'server.deleted' ? (
            <Link to="/t/$tenant/s/$server/versions/$number" params={{ tenant, server, number: String(number) }} className="link">
              {number}
            </Link>
          ) : (
            number
          )}
        </Pair>
      )}
      {entries.map(([name, value]) => (
        <Pair key={name} name={wordOf(name)}>
          <Value tenant={tenant} server={server} action={action} name={name} value={value} nameOf={nameOf} />
        </Pair>
      ))}
      {server === null && entries.length === 0 && <span className="text-soft">–</span>}
    </div>
  )
}

function Pair({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <span className="inline-flex max-w-full items-baseline gap-1.5">
      <span className="shrink-0 text-soft">{name}</span>
      <span className="min-w-0">{children}</span>
    </span>
  )
}

interface ValueProps {
  tenant: string
  server: string | null
  action: AuditAction
  name: string
  value: unknown
  nameOf: NameOf
}

function Value({ tenant, server, action, name, value, nameOf }: ValueProps) {
  const text = detailText(name, value, nameOf)
  const page = text === value ? undefined : pageOf(name, action, server)
  if (page === 'people' || page === 'clients' || page === 'identity-providers') {
    return (
      <Link to={`/t/$tenant/${page}`} params={{ tenant }} className="link">
        <Untrusted text={text} lines={1} />
      </Link>
    )
  }
  if (page && server !== null) {
    return (
      <Link to="/t/$tenant/s/$server/access" params={{ tenant, server }} search={{ tab: page }} className="link">
        <Untrusted text={text} lines={1} />
      </Link>
    )
  }
  if (!IDS.has(name) && !(text === value && /^[\w-]{20,}$/.test(text))) return <Untrusted text={text} lines={3} />
  return (
    <code className="text-soft" title={text}>
      <Untrusted text={text.length > MAX_ID ? `${text.slice(0, MAX_ID)}…` : text} />
    </code>
  )
}

/** Returns the page, or the tab of the access page, that lists the object of an id. */
function pageOf(
  name: string,
  action: AuditAction,
  server: string | null,
): 'people' | 'clients' | 'identity-providers' | AccessTab | undefined {
  switch (name) {
    case 'userId':
      return 'people'
    case 'clientId':
      if (server === null) return 'clients'
      return action.startsWith('machine-grant.') ? 'machines' : 'apps'
    case 'providerId':
    case 'identityProviderId':
      return 'identity-providers'
    case 'keyId':
      return 'keys'
    case 'tokenId':
      return 'apps'
    default:
      return undefined
  }
}

function wordOf(name: string): string {
  const words =
    WORDS[name] ??
    name
      .replace(/Id$/, '')
      .replaceAll(/([A-Z])/g, ' $1')
      .toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
