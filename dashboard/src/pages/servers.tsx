import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Server } from 'lucide-react'
import { queries } from '../api.ts'
import { Badge } from '../components/badge.tsx'
import { EmptyState } from '../components/empty-state.tsx'
import { Loaded } from '../components/loaded.tsx'
import { PageHeader } from '../components/page-header.tsx'
import { Table } from '../components/table.tsx'
import { Untrusted } from '../components/untrusted.tsx'

const route = getRouteApi('/t/$tenant/')
export const ACCESS = { members: 'Members', 'signed-in': 'Anyone signed in', public: 'Public' } as const

export function ServersPage() {
  const { tenant } = route.useParams()
  const query = useQuery(queries.servers(tenant))
  return (
    <>
      <PageHeader title="Servers" context={tenant} />
      <Loaded query={query}>
        {(servers) =>
          servers.length === 0 ? (
            <EmptyState icon={Server} title="No server yet">
              A server has a URL that any MCP client connects to.
            </EmptyState>
          ) : (
            <div className="rounded-2xl border border-line bg-sheet px-1 sm:px-3">
              <Table
                label="Servers"
                rows={servers}
                keyOf={({ slug }) => slug}
                columns={[
                  {
                    name: 'Server',
                    cell: ({ slug, name, description }) => (
                      <>
                        <Link to="/t/$tenant/s/$server" params={{ tenant, server: slug }} className="link font-semibold">
                          <Untrusted text={name} />
                        </Link>
                        {description && (
                          <span className="block text-sm text-soft">
                            <Untrusted text={description} lines={2} />
                          </span>
                        )}
                      </>
                    ),
                  },
                  {
                    name: 'Address',
                    cell: ({ slug }) => <code className="text-sm [overflow-wrap:anywhere]">{`/${tenant}/${slug}/mcp`}</code>,
                  },
                  { name: 'Who may connect', className: 'w-44', cell: ({ access }) => ACCESS[access] },
                  {
                    name: 'Version',
                    className: 'w-36',
                    cell: ({ activeVersion }) =>
                      activeVersion === null ? (
                        <Badge tone="warn">None active</Badge>
                      ) : (
                        <Badge tone="good">{`Version ${activeVersion}`}</Badge>
                      ),
                  },
                ]}
              />
            </div>
          )
        }
      </Loaded>
    </>
  )
}
