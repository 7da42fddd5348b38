import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { PackageOpen, RotateCw } from 'lucide-react'
import type { ServerBody, Surface } from '../../../../protocol/api.ts'
import { Button } from '../../components/button.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { Select } from '../../components/field.tsx'
import { Loaded, Skeleton } from '../../components/loaded.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { serverQuery } from '../servers/queries.ts'
import { versionQuery } from '../versions/queries.ts'
import { AccessBanner } from './connection/access-banner.tsx'
import { isStateless, NEWEST, REVISIONS } from './connection/revisions.ts'
import { usePlayground } from './connection/use-playground.ts'
import { SurfaceTabs } from './surface/surface-tabs.tsx'
import { fromUploadedSurface, fromLiveSurface } from './surface/displayed-surface.ts'
import { parseToolsSearch } from './search.ts'

const route = getRouteApi('/t/$tenant/s/$server/tools')

/** Playground: shows the surface of a hosted server and calls the server like any other client. */
export function PlaygroundPage() {
  const { tenant, server } = route.useParams()
  const query = useQuery(serverQuery(tenant, server))
  return <Loaded query={query}>{(body) => <VersionLoader key={body.url} server={body} />}</Loaded>
}

function VersionLoader({ server }: { server: ServerBody }) {
  const params = route.useParams()
  const { version } = route.useSearch()
  const number = version ?? server.activeVersion
  const query = useQuery({ ...versionQuery(params.tenant, params.server, number ?? 0), enabled: number !== null })
  const header = (
    <PageHeader title="Playground" context={`${params.tenant}/${params.server}`}>
      Try tools, prompts and resources{version === undefined ? '' : ` of version ${version}`} like a client.
    </PageHeader>
  )
  if (number === null) {
    return (
      <>
        {header}
        <EmptyState icon={PackageOpen} title="No active version">
          Activate a version to try its tools, prompts and resources here.
        </EmptyState>
      </>
    )
  }
  return (
    <>
      {header}
      <Loaded query={query} skeleton={<Skeleton lines={8} />}>
        {({ surface }) =>
          surface ? (
            <VersionPlayground server={server} surface={surface} />
          ) : (
            <EmptyState icon={PackageOpen} title="Discovery failed">
              The probe could not list the tools of this version. See the findings of the version for the cause.
            </EmptyState>
          )
        }
      </Loaded>
    </>
  )
}

function VersionPlayground({ server, surface }: { server: ServerBody; surface: Surface }) {
  const { me } = route.useRouteContext()
  const { version, revision = NEWEST } = route.useSearch()
  const navigate = route.useNavigate()
  const isPublic = server.access === 'public'
  const handle = usePlayground({ resource: server.url, version, revision, userId: me.user.id, isPublic })
  const { state, playground } = handle
  const displayed = state.live ? fromLiveSurface(state.live) : fromUploadedSurface(surface)
  return (
    <div className="grid grid-cols-1 gap-5">
      <AccessBanner handle={handle} isPublic={isPublic} />
      <div className="flex flex-wrap items-end gap-3">
        <div className="grid grid-cols-1 gap-1">
          <label htmlFor="revision" className="text-sm text-soft">
            Protocol version
          </label>
          <Select
            id="revision"
            value={revision}
            options={REVISIONS.map((each) => ({
              value: each,
              label: `${each}${isStateless(each) ? ' (stateless)' : ' (session)'}`,
            }))}
            onChange={(chosen) =>
              void navigate({
                search: (search) => parseToolsSearch({ ...search, revision: chosen }),
                replace: true,
              })
            }
            className="w-auto!"
          />
        </div>
        {version !== undefined && (
          <Link to="." search={(search) => parseToolsSearch({ ...search, version: undefined })} className="link py-2">
            Show active version
          </Link>
        )}
        <div className="ml-auto flex items-center gap-3">
          <p className="text-sm text-soft" role="status">
            {state.loading
              ? 'Loading from the server …'
              : displayed.isLive
                ? 'Live from the server.'
                : 'As probed when this version was deployed.'}
          </p>
          {(handle.token !== undefined || isPublic) && (
            <Button
              kind="secondary"
              icon={RotateCw}
              busy={state.loading}
              className="whitespace-nowrap"
              onClick={() => void playground.refresh()}
            >
              Refresh
            </Button>
          )}
        </div>
      </div>
      <SurfaceTabs surface={displayed} handle={handle} resource={server.url} />
    </div>
  )
}
