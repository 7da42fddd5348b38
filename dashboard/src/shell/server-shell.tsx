import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useParams } from '@tanstack/react-router'
import { ChevronRight, ExternalLink } from 'lucide-react'
import type { ReactNode } from 'react'
import { Badge } from '../components/badge.tsx'
import { Loaded, Skeleton } from '../components/loaded.tsx'
import { Untrusted } from '../components/untrusted.tsx'
import { ACCESS_LABELS } from '../features/servers/access-labels.ts'
import { serverQuery } from '../features/servers/queries.ts'
import { tenantQuery } from '../features/tenants/queries.ts'
import { useSource } from '../features/versions/queries.ts'
import { type NavItem, StripLinks, useNavigation } from './navigation.tsx'

/** Layout of a hosted server's pages: name and navigation strip. */
export function ServerShell(): ReactNode {
  const { tenant = '', server = '' } = useParams({ strict: false })
  const query = useQuery(serverQuery(tenant, server))
  const source = useSource(tenant, server)
  const items = useNavigation('/t/$tenant/s/$server', useQuery(tenantQuery(tenant)).data?.role)
  return (
    <Loaded isPage query={query} skeleton={<Skeleton lines={6} />}>
      {({ name, url, access, activeVersion }) => (
        <>
          <div className="mb-6 border-b border-line">
            <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
              <p className="flex min-w-0 grow basis-52 flex-wrap items-center gap-1 text-sm text-soft">
                <Link to="/t/$tenant" params={{ tenant }} className="link">
                  Servers
                </Link>
                <ChevronRight aria-hidden className="size-4" />
                <span className="font-semibold text-ink">
                  <Untrusted text={name} />
                </span>
              </p>
              <p className="flex flex-wrap items-center gap-2">
                {activeVersion === null ? (
                  <Badge tone="warn">Not live</Badge>
                ) : (
                  <Badge tone="good">{`Live: version ${activeVersion}`}</Badge>
                )}
                <Badge>{ACCESS_LABELS[access]}</Badge>
                <a
                  href={new URL(url).pathname.replace(/\/mcp$/, '')}
                  target="_blank"
                  rel="noreferrer"
                  className="link inline-flex items-center gap-1 text-sm"
                >
                  Public page <ExternalLink aria-hidden className="size-3.5" />
                  <span className="sr-only"> in a new tab</span>
                </a>
              </p>
            </div>
            <nav aria-label="Server" className="mt-1">
              <StripLinks items={items.filter((item) => isFor(item.source, source))} params={{ tenant, server }} />
            </nav>
          </div>
          <Outlet />
        </>
      )}
    </Loaded>
  )
}

/** Shows all editors for a server without versions, and the code editor while loading. */
function isFor(edited: NavItem['source'], source: ReturnType<typeof useSource>): boolean {
  return edited === undefined || source === null || edited === (source ?? 'code')
}
