import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Plus, Server } from 'lucide-react'
import { Badge } from '../../components/badge.tsx'
import { buttonClass } from '../../components/button.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { Table } from '../../components/table.tsx'
import { Untrusted } from '../../components/untrusted.tsx'
import { useRole } from '../people/role.ts'
import { ACCESS_LABELS } from './access-labels.ts'
import { serversQuery } from './queries.ts'

const route = getRouteApi('/t/$tenant/')

export function ServersPage() {
  const { tenant } = route.useParams()
  const query = useQuery(serversQuery(tenant))
  const mayDeploy = useRole(tenant, 'developer')
  const newServer = (
    <Link to="/t/$tenant/new" params={{ tenant }} className={buttonClass()}>
      <Plus aria-hidden className="size-4" /> Create server
    </Link>
  )
  return (
    <>
      <PageHeader title="Servers" context={tenant} actions={mayDeploy && newServer} />
      <Loaded query={query}>
        {(servers) =>
          servers.length === 0 ? (
            <EmptyState icon={Server} title="No servers" action={mayDeploy && newServer}>
              A server has a URL to which any MCP client can connect.
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
                    name: 'Endpoint',
                    cell: ({ slug }) => <code className="text-sm [overflow-wrap:anywhere]">{`/${tenant}/${slug}/mcp`}</code>,
                  },
                  { name: 'Access', className: 'w-44', cell: ({ access }) => ACCESS_LABELS[access] },
                  {
                    name: 'Version',
                    className: 'w-36',
                    cell: ({ activeVersion }) =>
                      activeVersion === null ? (
                        <Badge tone="warn">No active version</Badge>
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
