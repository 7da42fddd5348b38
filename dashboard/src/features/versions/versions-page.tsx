import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { EllipsisVertical, FileDiff, History, Play, Undo2 } from 'lucide-react'
import { useState } from 'react'
import type { VersionSummaryBody } from '../../../../protocol/api.ts'
import { serverQuery } from '../servers/queries.ts'
import { versionsQuery } from './queries.ts'
import { Button, buttonClass, IconButton } from '../../components/button.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { ErrorState } from '../../components/error-state.tsx'
import { Skeleton } from '../../components/loaded.tsx'
import { Menu, MenuItem } from '../../components/menu.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { Table } from '../../components/table.tsx'
import { Untrusted } from '../../components/untrusted.tsx'
import { ActivateDialog } from './activate-dialog.tsx'
import { useMemberName } from '../people/member-name.tsx'
import { useMayDeploy } from '../people/role.ts'
import { kilobytes } from '../../components/kilobytes.ts'
import { findingCounts } from '../deploy/finding-counts.ts'
import { VersionBadges } from './version-badges.tsx'
import { BundleUpload } from './bundle-upload.tsx'

const route = getRouteApi('/t/$tenant/s/$server/versions')

/** Every version that is kept, the newest first. */
export function VersionsPage() {
  const { tenant, server } = route.useParams()
  const navigate = route.useNavigate()
  const query = useInfiniteQuery(versionsQuery(tenant, server))
  const { data: hosted } = useQuery(serverQuery(tenant, server))
  const mayDeploy = useMayDeploy(tenant) ?? false
  const nameOf = useMemberName(tenant)
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
            {mayDeploy && <BundleUpload tenant={tenant} server={server} />}
          </>
        }
      >
        Each upload is kept as it was, with what the probe saw. One is active: the one clients get. The newest 200 are kept.
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
          title="No version yet"
          action={
            mayDeploy && (
              <Link to="/t/$tenant/s/$server/code" params={{ tenant, server }} className={buttonClass()}>
                Write one
              </Link>
            )
          }
        >
          The first comes from the editor, from a bundle, or from a terminal with <code>npm run deploy-server -- DIR</code>.
        </EmptyState>
      ) : (
        <div className="rounded-2xl border border-line bg-sheet px-1 sm:px-3">
          <Table
            label="Versions"
            rows={versions}
            keyOf={({ number }) => number}
            columns={[
              {
                name: 'Version',
                cell: (version) => (
                  <div className="grid justify-items-start gap-1">
                    <div className="flex flex-wrap items-center gap-2">
                      <Link
                        to="/t/$tenant/s/$server/versions/$number"
                        params={{ tenant, server, number: String(version.number) }}
                        className="link font-semibold"
                      >
                        Version {version.number}
                      </Link>
                      <VersionBadges {...version} />
                    </div>
                    {version.note && (
                      <span className="text-sm text-soft">
                        <Untrusted text={version.note} lines={2} />
                      </span>
                    )}
                  </div>
                ),
              },
              {
                name: 'Deployed',
                className: 'w-44',
                cell: ({ createdAt, createdBy }) => (
                  <>
                    <RelativeTime at={createdAt} />
                    <span className="block text-sm text-soft">
                      <Untrusted text={`by ${nameOf(createdBy) ?? 'somebody who has left'}`} lines={1} />
                    </span>
                  </>
                ),
              },
              { name: 'Size', className: 'w-24', cell: ({ bundleBytes }) => kilobytes(bundleBytes) },
              { name: 'Findings', className: 'w-36', cell: ({ findings }) => findingCounts(findings) ?? 'None' },
              {
                name: 'Actions',
                nameless: true,
                className: 'w-16',
                cell: (version) => (
                  <VersionMenu
                    version={version}
                    active={active}
                    mayDeploy={mayDeploy}
                    onActivate={() => setActivating(version.number)}
                    onCompare={(from) =>
                      void navigate({
                        to: '/t/$tenant/s/$server/versions/compare',
                        params: { tenant, server },
                        search: { from, to: version.number },
                      })
                    }
                  />
                ),
              },
            ]}
          />
        </div>
      )}
      {query.hasNextPage && (
        <Button kind="secondary" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()} className="mt-4">
          Show older versions
        </Button>
      )}
      <ActivateDialog tenant={tenant} server={server} number={activating} active={active} onClose={() => setActivating(undefined)} />
    </>
  )
}

interface VersionMenuProps {
  version: VersionSummaryBody
  active: number | null
  mayDeploy: boolean
  onActivate: () => void
  onCompare: (from: number) => void
}

function VersionMenu({ version: { number, state, active: isActive }, active, mayDeploy, onActivate, onCompare }: VersionMenuProps) {
  const isRollback = active !== null && number < active
  return (
    <Menu align="end" trigger={<IconButton icon={EllipsisVertical} label={`What to do with version ${number}`} />}>
      <MenuItem icon={isRollback ? Undo2 : Play} disabled={!mayDeploy || isActive || state === 'refused'} onSelect={onActivate}>
        {isRollback ? 'Roll back to it' : 'Activate'}
      </MenuItem>
      <MenuItem icon={FileDiff} disabled={active === null || isActive} onSelect={() => active !== null && onCompare(active)}>
        Compare with the active one
      </MenuItem>
    </Menu>
  )
}
