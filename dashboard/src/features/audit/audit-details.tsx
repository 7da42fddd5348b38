import { Link } from '@tanstack/react-router'
import type { AuditBody } from '../../../../protocol/api.ts'
import { Untrusted } from '../../components/untrusted.tsx'
import { detailText, UNLIMITED } from './detail-text.ts'
import type { NameOf } from './names.ts'

/** Words for the fields of an event. Other fields are shown under their own name. */
const WORDS: Record<string, string> = {
  userId: 'User',
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
const IDS = new Set(['invitationId', 'linkId', 'grantId', 'tokenId', 'keyId'])
const MAX_ID = 12

/** Server, version and details of an event, with links to what still exists. */
export function AuditDetails({ tenant, event, nameOf }: { tenant: string; event: AuditBody; nameOf: NameOf }) {
  const { server, action, detail } = event
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
          <Value name={name} value={value} nameOf={nameOf} />
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

function Value({ name, value, nameOf }: { name: string; value: unknown; nameOf: NameOf }) {
  const text = detailText(name, value, nameOf)
  if (!IDS.has(name) && !(text === value && /^[\w-]{20,}$/.test(text))) return <Untrusted text={text} lines={3} />
  return (
    <code className="text-soft" title={text}>
      <Untrusted text={text.length > MAX_ID ? `${text.slice(0, MAX_ID)}…` : text} />
    </code>
  )
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
