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
import { AccessNote } from './connection/access-note.tsx'
import { isStateless, NEWEST, REVISIONS } from './connection/revisions.ts'
import { usePlayground } from './connection/use-playground.ts'
import { OfferedViews } from './offered/offered-views.tsx'
import { offeredBySurface, offeredLive } from './offered/offered.ts'
import { parseToolsSearch } from './search.ts'

const route = getRouteApi('/t/$tenant/s/$server/tools')

/**
 * What clients see of a hosted server, and a place to try it: the page is a client like any other.
 */
export function ToolsPage() {
  const { tenant, server } = route.useParams()
  const query = useQuery(serverQuery(tenant, server))
  return <Loaded query={query}>{(body) => <OfVersion key={body.url} server={body} />}</Loaded>
}

function OfVersion({ server }: { server: ServerBody }) {
  const params = route.useParams()
  const { version } = route.useSearch()
  const number = version ?? server.activeVersion
  const query = useQuery({ ...versionQuery(params.tenant, params.server, number ?? 0), enabled: number !== null })
  const header = (
    <PageHeader title="Tools" context={`${params.tenant}/${params.server}`}>
      What clients see{version === undefined ? '' : ` of version ${version}, which need not be active`}, and how it answers.
    </PageHeader>
  )
  if (number === null) {
    return (
      <>
        {header}
        <EmptyState icon={PackageOpen} title="There is nothing to see yet">
          No version is active. Once one is, its tools, prompts and resources are here, to be tried as a client would.
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
            <Playing server={server} surface={surface} />
          ) : (
            <EmptyState icon={PackageOpen} title="This version does not answer">
              It could not be asked what it offers when it was uploaded, so there is nothing to try. Its findings say why.
            </EmptyState>
          )
        }
      </Loaded>
    </>
  )
}

function Playing({ server, surface }: { server: ServerBody; surface: Surface }) {
  const { me } = route.useRouteContext()
  const { version, revision = NEWEST } = route.useSearch()
  const navigate = route.useNavigate()
  const isPublic = server.access === 'public'
  const played = usePlayground({ resource: server.url, version, revision, userId: me.user.id, isPublic })
  const { state, playground } = played
  const offered = state.offer ? offeredLive(state.offer) : offeredBySurface(surface)
  return (
    <div className="grid grid-cols-1 gap-5">
      <AccessNote played={played} isPublic={isPublic} />
      <div className="flex flex-wrap items-end gap-3">
        <div className="grid grid-cols-1 gap-1">
          <label htmlFor="revision" className="text-sm text-soft">
            Spoken to as a client of
          </label>
          <Select
            id="revision"
            value={revision}
            options={REVISIONS.map((each) => ({
              value: each,
              label: `${each}${isStateless(each) ? ', without session' : ', in a session'}`,
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
            See the active version instead
          </Link>
        )}
        <div className="ml-auto flex items-center gap-3">
          <p className="text-sm text-soft" role="status">
            {state.loading
              ? 'Asking the server …'
              : offered.isLive
                ? 'As the server shows it to you now.'
                : 'As it was when the version was uploaded.'}
          </p>
          {(played.token !== undefined || isPublic) && (
            <Button
              kind="secondary"
              icon={RotateCw}
              busy={state.loading}
              className="whitespace-nowrap"
              onClick={() => void playground.refresh()}
            >
              Ask again
            </Button>
          )}
        </div>
      </div>
      <OfferedViews offered={offered} played={played} resource={server.url} />
    </div>
  )
}
