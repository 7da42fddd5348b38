import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Plus, Server } from 'lucide-react'
import { useState } from 'react'
import type { ServerBody } from '../../../../protocol/api.ts'
import { buttonClass } from '../../components/button.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { TextInput } from '../../components/field.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { useRole } from '../people/role.ts'
import { serversQuery } from './queries.ts'
import { ServerCard } from './server-card.tsx'

const route = getRouteApi('/t/$tenant/')
/** Shorter lists have no search. */
const SEARCH_FROM = 7

export function ServersPage() {
  const { tenant } = route.useParams()
  const query = useQuery(serversQuery(tenant))
  const mayDeploy = useRole(tenant, 'developer')
  const newServer = (
    <Link to="/t/$tenant/new" params={{ tenant }} className={buttonClass()}>
      <Plus aria-hidden className="size-4" /> Create server
    </Link>
  )
  const isEmpty = query.data?.length === 0
  return (
    <>
      <PageHeader title="Servers" context={tenant} actions={mayDeploy && !isEmpty && newServer} />
      <Loaded query={query}>
        {(servers) =>
          servers.length === 0 ? (
            <EmptyState icon={Server} title="No servers" action={mayDeploy && newServer}>
              A server has a URL to which any MCP client can connect.
            </EmptyState>
          ) : (
            <ServerList tenant={tenant} servers={servers} />
          )
        }
      </Loaded>
    </>
  )
}

function ServerList({ tenant, servers }: { tenant: string; servers: readonly ServerBody[] }) {
  const [typed, setTyped] = useState('')
  const wanted = typed.trim().toLowerCase()
  const shown = servers.filter(({ slug, name, description }) => `${slug}\n${name}\n${description}`.toLowerCase().includes(wanted))
  return (
    <>
      {servers.length >= SEARCH_FROM && (
        <TextInput
          type="search"
          aria-label="Search servers"
          placeholder={`Search ${servers.length} servers`}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          className="mb-4 max-w-sm"
        />
      )}
      {shown.length === 0 ? (
        <p role="status" className="text-soft">
          No server matches “{typed}”.
        </p>
      ) : (
        <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,21rem),1fr))] gap-4">
          {shown.map((server) => (
            <ServerCard key={server.slug} tenant={tenant} server={server} />
          ))}
        </ul>
      )}
    </>
  )
}
