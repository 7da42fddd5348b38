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
import { ACCESS_LABELS } from '../access-labels.ts'
import { serverQuery } from '../queries.ts'
import { FirstUse } from './first-use.tsx'
import { ConnectClient } from './connect-client.tsx'
import { RecentCalls } from './recent-calls.tsx'

const route = getRouteApi('/t/$tenant/s/$server/')

/** Overview of a hosted server: endpoint, client setup and recent calls. */
export function OverviewPage() {
  const { tenant, server } = route.useParams()
  const { first } = route.useSearch()
  const query = useQuery(serverQuery(tenant, server))
  return (
    <Loaded query={query}>
      {({ name, description, url, hostUrl, access, activeVersion }) => (
        <>
          <PageHeader title={first ? `${name} is ready` : name} context={tenant}>
            {first ? (
              'Step 3 of 3. Add the endpoint to a client. The client needs no other setup, and you approve its access.'
            ) : (
              <Untrusted text={description} multiline />
            )}
          </PageHeader>
          <div className="grid gap-6">
            <Card
              title="Endpoint"
              actions={
                <span className="flex flex-wrap gap-2">
                  <Badge>{ACCESS_LABELS[access]}</Badge>
                  {activeVersion === null ? (
                    <Badge tone="warn">No active version</Badge>
                  ) : (
                    <Badge tone="good">{`Version ${activeVersion}`}</Badge>
                  )}
                </span>
              }
            >
              <div className="grid gap-2">
                <CopyLine text={url} what="the endpoint" />
                {hostUrl && <CopyLine text={hostUrl} what="the endpoint at its own host" />}
              </div>
              <p className="mt-3 text-sm text-soft">
                The{' '}
                <a href={new URL(url).pathname.replace(/\/mcp$/, '')} className="link">
                  public page
                </a>{' '}
                of the server has the same URL without <code>/mcp</code>.
              </p>
            </Card>
            {activeVersion === null ? <NoActiveVersion tenant={tenant} server={server} /> : <FirstUse tenant={tenant} server={server} />}
            <ConnectClient url={url} name={server} isOpen={access === 'public'} />
            <RecentCalls tenant={tenant} server={server} />
          </div>
        </>
      )}
    </Loaded>
  )
}

/** Next steps for a server without an active version. */
function NoActiveVersion({ tenant, server }: { tenant: string; server: string }) {
  const mayDeploy = useRole(tenant, 'developer')
  return (
    <Card title="No active version">
      <p>Clients cannot use this server until a version is active.</p>
      {mayDeploy ? (
        <p className="mt-4 flex flex-wrap gap-2">
          <Link to="/t/$tenant/s/$server/code" params={{ tenant, server }} className={buttonClass()}>
            Write code
          </Link>
          <Link to="/t/$tenant/s/$server/content" params={{ tenant, server }} className={buttonClass('secondary')}>
            Write prompts and documents
          </Link>
          <Link to="/t/$tenant/s/$server/versions" params={{ tenant, server }} className={buttonClass('secondary')}>
            Upload or activate a version
          </Link>
        </p>
      ) : (
        <p className="mt-1 text-soft">Deploying requires the developer role.</p>
      )}
    </Card>
  )
}
