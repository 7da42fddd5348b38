import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Badge } from '../../../components/badge.tsx'
import { buttonClass } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { CopyLine } from '../../../components/copy.tsx'
import { Loaded } from '../../../components/loaded.tsx'
import { PageHeader } from '../../../components/page-header.tsx'
import { Untrusted } from '../../../components/untrusted.tsx'
import { useRole } from '../../people/role.ts'
import { ACCESS } from '../access-labels.ts'
import { serverQuery } from '../queries.ts'
import { Arrivals } from './arrivals.tsx'
import { ConnectClient } from './connect-client.tsx'
import { RecentCalls } from './recent-calls.tsx'

const route = getRouteApi('/t/$tenant/s/$server/')

/** A hosted server at a glance: where it is, how a client gets to it, and what arrives. */
export function OverviewPage() {
  const { tenant, server } = route.useParams()
  const { first } = route.useSearch()
  const query = useQuery(serverQuery(tenant, server))
  return (
    <Loaded query={query}>
      {({ name, description, url, hostUrl, access, activeVersion }) => (
        <>
          <PageHeader title={first ? `${name} is up` : name} context={tenant}>
            {first ? (
              'Step 3 of 3. Give its address to a client: it finds out the rest, and asks you before it gets access.'
            ) : (
              <Untrusted text={description} multiline />
            )}
          </PageHeader>
          <div className="grid gap-6">
            <Card
              title="Its address"
              actions={
                <span className="flex flex-wrap gap-2">
                  <Badge>{ACCESS[access]}</Badge>
                  {activeVersion === null ? (
                    <Badge tone="warn">No active version</Badge>
                  ) : (
                    <Badge tone="good">{`Version ${activeVersion}`}</Badge>
                  )}
                </span>
              }
            >
              <div className="grid gap-2">
                <CopyLine text={url} what="the address" />
                {hostUrl && <CopyLine text={hostUrl} what="the address at a host of its own" />}
              </div>
              <p className="mt-3 text-sm text-soft">
                People see{' '}
                <a href={new URL(url).pathname.replace(/\/mcp$/, '')} className="link">
                  its page
                </a>{' '}
                at the same address without <code>/mcp</code>.
              </p>
            </Card>
            {activeVersion === null ? <NothingActive tenant={tenant} server={server} /> : <Arrivals tenant={tenant} server={server} />}
            <ConnectClient url={url} name={server} />
            <RecentCalls tenant={tenant} server={server} />
          </div>
        </>
      )}
    </Loaded>
  )
}

/** What is between a server that was made and one that answers. */
function NothingActive({ tenant, server }: { tenant: string; server: string }) {
  const mayDeploy = useRole(tenant, 'developer')
  return (
    <Card title="It does not answer yet">
      <p>No version is active, so a client that connects is told that nothing is deployed here.</p>
      {mayDeploy ? (
        <p className="mt-4 flex flex-wrap gap-2">
          <Link to="/t/$tenant/s/$server/code" params={{ tenant, server }} className={buttonClass()}>
            Write its code
          </Link>
          <Link to="/t/$tenant/s/$server/versions" params={{ tenant, server }} className={buttonClass('secondary')}>
            Deploy or activate a version
          </Link>
        </p>
      ) : (
        <p className="mt-1 text-soft">A developer of the tenant can deploy one.</p>
      )}
    </Card>
  )
}
