import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { FileDiff, FileText, History } from 'lucide-react'
import { useState } from 'react'
import { Button, buttonClass } from '../../components/button.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { ErrorState } from '../../components/error-state.tsx'
import { Skeleton } from '../../components/loaded.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { useMayDeploy } from '../people/role.ts'
import { serverQuery } from '../servers/queries.ts'
import { ActivateDialog } from './activate-dialog.tsx'
import { BundleUpload } from './bundle-upload.tsx'
import { useSource, versionsQuery } from './queries.ts'
import { VersionsTable } from './versions-table.tsx'

const route = getRouteApi('/t/$tenant/s/$server/versions')

/** All versions of a server, newest first. */
export function VersionsPage() {
  const { tenant, server } = route.useParams()
  const navigate = route.useNavigate()
  const query = useInfiniteQuery(versionsQuery(tenant, server))
  const { data: hosted } = useQuery(serverQuery(tenant, server))
  const mayDeploy = useMayDeploy(tenant) ?? false
  const isStatic = useSource(tenant, server) === 'static'
  const [activating, setActivating] = useState<number>()
  const versions = query.data?.pages.flatMap(({ items }) => items)
  const active = hosted?.activeVersion ?? null
  const [newest, previous] = versions ?? []
  return (
    <>
      <PageHeader
        title="Versions"
        context={`${tenant}/${server}`}
        actions={
          <>
            {newest && previous && (
              <Link
                to="/t/$tenant/s/$server/versions/compare"
                params={{ tenant, server }}
                search={{ from: active !== null && active !== newest.number ? active : previous.number, to: newest.number }}
                className={buttonClass('secondary')}
              >
                <FileDiff aria-hidden className="size-4" /> Compare
              </Link>
            )}
            {mayDeploy &&
              (isStatic ? (
                <Link to="/t/$tenant/s/$server/content" params={{ tenant, server }} className={buttonClass()}>
                  <FileText aria-hidden className="size-4" /> Edit content
                </Link>
              ) : (
                <BundleUpload tenant={tenant} server={server} />
              ))}
          </>
        }
      >
        Each deploy creates a version, which never changes. Clients use the active version. The newest 200 versions are kept.
      </PageHeader>
      {versions === undefined ? (
        query.error ? (
          <ErrorState problem={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <Skeleton lines={6} />
        )
      ) : versions.length === 0 ? (
        <EmptyState
          icon={History}
          title="No versions"
          action={
            mayDeploy && (
              <Link to="/t/$tenant/s/$server/code" params={{ tenant, server }} className={buttonClass()}>
                Write code
              </Link>
            )
          }
        >
          Deploy from the editor, upload a bundle, or run <code>npm run deploy-server -- DIR</code> in a terminal.
        </EmptyState>
      ) : (
        <div className="rounded-xl border border-line bg-sheet shadow-card px-1 sm:px-3">
          <VersionsTable
            tenant={tenant}
            server={server}
            versions={versions}
            active={active}
            mayDeploy={mayDeploy}
            onActivate={setActivating}
            onCompare={(from, to) =>
              void navigate({ to: '/t/$tenant/s/$server/versions/compare', params: { tenant, server }, search: { from, to } })
            }
          />
        </div>
      )}
      {query.hasNextPage && (
        <Button kind="secondary" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()} className="mt-4">
          Load older versions
        </Button>
      )}
      <ActivateDialog tenant={tenant} server={server} number={activating} active={active} onClose={() => setActivating(undefined)} />
    </>
  )
}
