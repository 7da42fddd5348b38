import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { FlaskConical } from 'lucide-react'
import { buttonClass } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { CopyLine } from '../../../components/copy.tsx'
import { Loaded } from '../../../components/loaded.tsx'
import { PageHeader } from '../../../components/page-header.tsx'
import { Untrusted } from '../../../components/untrusted.tsx'
import { useRole } from '../../people/role.ts'
import { serverQuery } from '../queries.ts'
import { AtAGlance } from './at-a-glance.tsx'
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
      {(body) => (
        <>
          <PageHeader
            title={first ? `${body.name} is ready` : body.name}
            context={tenant}
            actions={body.activeVersion !== null && <Try tenant={tenant} server={server} />}
          >
            {first ? (
              'Step 3 of 3. Add the endpoint to a client. The client needs no other setup, and you approve its access.'
            ) : (
              <Untrusted text={body.description} multiline />
            )}
          </PageHeader>
          <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_20rem]">
            <div className="grid min-w-0 gap-5">
              <Card title="Endpoint">
                <div className="grid gap-2">
                  <CopyLine text={body.url} what="the endpoint" />
                  {body.hostUrl && <CopyLine text={body.hostUrl} what="the endpoint at its own host" />}
                </div>
              </Card>
              {body.activeVersion === null ? (
                <NoActiveVersion tenant={tenant} server={server} />
              ) : (
                <FirstUse tenant={tenant} server={server} />
              )}
              <ConnectClient url={body.url} name={server} isOpen={body.access === 'public'} />
            </div>
            <AtAGlance tenant={tenant} server={body} />
            <div className="min-w-0 xl:col-span-2">
              <RecentCalls tenant={tenant} server={server} />
            </div>
          </div>
        </>
      )}
    </Loaded>
  )
}

function Try({ tenant, server }: { tenant: string; server: string }) {
  return (
    <Link to="/t/$tenant/s/$server/tools" params={{ tenant, server }} className={buttonClass()}>
      <FlaskConical aria-hidden className="size-4" /> Try it
    </Link>
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
