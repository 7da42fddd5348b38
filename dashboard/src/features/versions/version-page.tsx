import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { FileDiff, Play, Undo2 } from 'lucide-react'
import { useState } from 'react'
import type { VersionBody } from '../../../../protocol/api.ts'
import { Button, buttonClass } from '../../components/button.tsx'
import { kilobytes } from '../../components/kilobytes.ts'
import { Loaded, Skeleton } from '../../components/loaded.tsx'
import { NotFound } from '../../components/not-found.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { Tabs } from '../../components/tabs.tsx'
import { Untrusted } from '../../components/untrusted.tsx'
import { findingCounts } from '../deploy/finding-counts.ts'
import { Findings } from '../deploy/findings.tsx'
import type { Place } from '../deploy/places.ts'
import { useMemberName } from '../people/member-name.tsx'
import { useMayDeploy } from '../people/role.ts'
import { serverQuery } from '../servers/queries.ts'
import { ActivateDialog } from './activate-dialog.tsx'
import { ContentView } from '../content/content-view.tsx'
import { CodeView } from './code-view.tsx'
import { versionQuery } from './queries.ts'
import { SOURCE_LABELS } from './source-labels.ts'
import { SurfaceView } from './surface-view.tsx'
import { TryVersion } from './try-version.tsx'
import { usePlacedFindings } from './use-placed-findings.ts'
import { VersionBadges } from './version-badges.tsx'

const route = getRouteApi('/t/$tenant/s/$server/versions/$number')

/** A version: surface, findings, code, and an endpoint to try the version. */
export function VersionPage() {
  const { tenant, server, number } = route.useParams()
  const isNumber = /^[1-9]\d{0,8}$/.test(number)
  const query = useQuery({ ...versionQuery(tenant, server, Number(number)), enabled: isNumber })
  if (!isNumber) return <NotFound />
  return (
    <Loaded isPage query={query} skeleton={<Skeleton lines={8} />}>
      {(version) => <VersionView tenant={tenant} server={server} version={version} />}
    </Loaded>
  )
}

type View = 'surface' | 'findings' | 'content'

function VersionView({ tenant, server, version }: { tenant: string; server: string; version: VersionBody }) {
  const { number, state, source, note, createdAt, createdBy, bundleBytes, findings, surface } = version
  const { data: hosted } = useQuery(serverQuery(tenant, server))
  const mayDeploy = useMayDeploy(tenant)
  const nameOf = useMemberName(tenant)
  const [activating, setActivating] = useState(false)
  const [view, setView] = useState<View>(state === 'refused' ? 'findings' : 'surface')
  const [place, setPlace] = useState<Place>()
  const placed = usePlacedFindings({ tenant, server }, version, mayDeploy ?? false)
  const jumpTo = (to: Place) => {
    setPlace(to)
    setView('content')
  }
  const active = hosted?.activeVersion ?? null
  const isRollback = active !== null && number < active
  return (
    <>
      <PageHeader
        title={`Version ${number}`}
        context={`${tenant}/${server}`}
        actions={
          <>
            {active !== null && active !== number && (
              <Link
                to="/t/$tenant/s/$server/versions/compare"
                params={{ tenant, server }}
                search={{ from: active, to: number }}
                className={buttonClass('secondary')}
              >
                <FileDiff aria-hidden className="size-4" /> Compare with active version
              </Link>
            )}
            {mayDeploy && !version.active && state === 'ready' && (
              <Button icon={isRollback ? Undo2 : Play} onClick={() => setActivating(true)}>
                {isRollback ? 'Roll back to this version' : 'Activate'}
              </Button>
            )}
          </>
        }
      >
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <VersionBadges {...version} />
          <span>
            <RelativeTime at={createdAt} /> by <Untrusted text={nameOf(createdBy) ?? 'a former member'} />, {SOURCE_LABELS[source]},{' '}
            {kilobytes(bundleBytes)}
          </span>
        </div>
        {note && (
          <p className="mt-1">
            <Untrusted text={note} multiline />
          </p>
        )}
      </PageHeader>
      <div className="grid grid-cols-1 gap-6">
        {hosted && state === 'ready' && !version.active && (
          <TryVersion tenant={tenant} server={server} url={`${hosted.url}/versions/${number}`} number={number} />
        )}
        <Tabs
          label="Version details"
          value={view}
          onChange={setView}
          tabs={[
            { value: 'surface', label: 'Client view', content: <SurfaceView surface={surface} /> },
            {
              value: 'findings',
              label: `Findings (${findings.length})`,
              content: findings.length === 0 ? <p>No findings.</p> : <Findings findings={placed} onJump={jumpTo} />,
            },
            {
              value: 'content',
              label: source === 'static' ? 'Content' : 'Code',
              content:
                source === 'static' ? (
                  <ContentView tenant={tenant} server={server} number={number} mayDeploy={mayDeploy ?? false} />
                ) : (
                  <CodeView tenant={tenant} server={server} number={number} mayDeploy={mayDeploy ?? false} place={place} />
                ),
            },
          ]}
        />
        <p className="sr-only">{findingCounts(findings) ?? 'None'}</p>
      </div>
      <ActivateDialog
        tenant={tenant}
        server={server}
        number={activating ? number : undefined}
        active={active}
        onClose={() => setActivating(false)}
      />
    </>
  )
}
