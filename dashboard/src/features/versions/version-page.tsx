import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { FileDiff, FlaskConical, Play, Undo2 } from 'lucide-react'
import { useState } from 'react'
import type { Surface, VersionBody } from '../../../../protocol/api.ts'
import { serverQuery } from '../servers/queries.ts'
import { Badge } from '../../components/badge.tsx'
import { Button, buttonClass } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { CopyLine } from '../../components/copy.tsx'
import { Loaded, Skeleton } from '../../components/loaded.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { Tabs } from '../../components/tabs.tsx'
import { Untrusted } from '../../components/untrusted.tsx'
import { Findings } from '../deploy/findings.tsx'
import { NotFound } from '../../components/not-found.tsx'
import { ActivateDialog } from './activate-dialog.tsx'
import { useMemberName } from '../people/member-name.tsx'
import { useMayDeploy } from '../people/role.ts'
import { modulesQuery, versionQuery } from './queries.ts'
import { kilobytes } from '../../components/kilobytes.ts'
import { findingCounts } from '../deploy/finding-counts.ts'
import { VersionBadges } from './version-badges.tsx'
import { ReadModules } from '../code/bundle-only.tsx'

const route = getRouteApi('/t/$tenant/s/$server/versions/$number')

/** One version: what clients see of it, what was found, its code, and how to try it before they get it. */
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

type View = 'surface' | 'findings' | 'code'

function VersionView({ tenant, server, version }: { tenant: string; server: string; version: VersionBody }) {
  const { number, state, note, createdAt, createdBy, bundleBytes, findings, surface } = version
  const { data: hosted } = useQuery(serverQuery(tenant, server))
  const mayDeploy = useMayDeploy(tenant)
  const nameOf = useMemberName(tenant)
  const [activating, setActivating] = useState(false)
  const [view, setView] = useState<View>(state === 'refused' ? 'findings' : 'surface')
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
                <FileDiff aria-hidden className="size-4" /> Compare with the active one
              </Link>
            )}
            {mayDeploy && !version.active && state === 'ready' && (
              <Button icon={isRollback ? Undo2 : Play} onClick={() => setActivating(true)}>
                {isRollback ? 'Roll back to it' : 'Activate'}
              </Button>
            )}
          </>
        }
      >
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <VersionBadges {...version} />
          <span>
            <RelativeTime at={createdAt} /> by <Untrusted text={nameOf(createdBy) ?? 'somebody who has left'} />, {kilobytes(bundleBytes)}
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
          <TryIt tenant={tenant} server={server} url={`${hosted.url}/versions/${number}`} number={number} />
        )}
        <Tabs
          label="Of this version"
          value={view}
          onChange={setView}
          tabs={[
            { value: 'surface', label: 'What clients see', content: <SurfaceView surface={surface} /> },
            {
              value: 'findings',
              label: `Findings (${findings.length})`,
              content: findings.length === 0 ? <p>The probe has nothing to remark.</p> : <Findings findings={findings} />,
            },
            {
              value: 'code',
              label: 'Code',
              content: <CodeView tenant={tenant} server={server} number={number} mayDeploy={mayDeploy ?? false} />,
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

function TryIt({ tenant, server, url, number }: { tenant: string; server: string; url: string; number: number }) {
  return (
    <Card title="Try it before clients get it">
      <p className="mb-3 max-w-prose text-soft">
        At this address version {number} answers those members who may deploy, with the same sign-in as the server itself. Give it to any
        MCP client.
      </p>
      <CopyLine text={url} what={`the address of version ${number}`} />
      <Link
        to="/t/$tenant/s/$server/tools"
        params={{ tenant, server }}
        search={{ version: number }}
        className={buttonClass('secondary', 'mt-3')}
      >
        <FlaskConical aria-hidden className="size-4" /> Open the playground on it
      </Link>
    </Card>
  )
}

function SurfaceView({ surface }: { surface: Surface | null }) {
  if (!surface) return <p>Nothing: it did not answer when it was asked what it offers. The findings say why.</p>
  const { serverInfo, instructions, tools, prompts, resources, resourceTemplates } = surface
  return (
    <div className="grid grid-cols-1 gap-6">
      <p>
        It calls itself{' '}
        <strong>
          <Untrusted text={String(serverInfo.title ?? serverInfo.name)} />
        </strong>{' '}
        <Untrusted text={String(serverInfo.version)} />.
      </p>
      {instructions && (
        <section>
          <h2 className="mb-1 font-bold">Instructions</h2>
          <Untrusted text={instructions} multiline />
        </section>
      )}
      <EntryList title="Tools" entries={tools} nameKey="name" />
      <EntryList title="Prompts" entries={prompts} nameKey="name" />
      <EntryList title="Resources" entries={resources} nameKey="uri" />
      <EntryList title="Resource templates" entries={resourceTemplates} nameKey="uriTemplate" />
    </div>
  )
}

/** Rows that the browser skips while they are out of sight: there may be two thousand. */
function EntryList({ title, entries, nameKey }: { title: string; entries: readonly Record<string, unknown>[]; nameKey: string }) {
  if (entries.length === 0) return null
  return (
    <section>
      <h2 className="font-bold">
        {title} <span className="font-normal text-soft">({entries.length})</span>
      </h2>
      <ul className="divide-y divide-line">
        {entries.map((entry) => {
          const name = String(entry[nameKey])
          const hints = (entry['annotations'] ?? {}) as Record<string, unknown>
          return (
            <li key={name} className="py-3 [contain-intrinsic-block-size:auto_4rem] [content-visibility:auto]">
              <p className="flex flex-wrap items-center gap-2">
                <code className="font-semibold">
                  <Untrusted text={name} />
                </code>
                {title === 'Tools' && hints['readOnlyHint'] === true && <Badge tone="good">Only reads</Badge>}
                {title === 'Tools' && hints['readOnlyHint'] !== true && <Badge tone="warn">May change things</Badge>}
                {hints['destructiveHint'] === true && <Badge tone="bad">May destroy</Badge>}
              </p>
              {typeof entry['description'] === 'string' && (
                <p className="text-soft">
                  <Untrusted text={entry['description']} lines={3} />
                </p>
              )}
              {title === 'Tools' && (
                <details className="mt-1 text-sm">
                  <summary className="text-soft">Its definition</summary>
                  <pre
                    className="mt-1 overflow-x-auto rounded-lg bg-ground p-3 font-mono whitespace-pre-wrap"
                    tabIndex={0}
                    aria-label={`Definition of ${name}`}
                  >
                    <Untrusted text={JSON.stringify(entry, null, 2)} multiline />
                  </pre>
                </details>
              )}
            </li>
          )
        })}
      </ul>
    </section>
  )
}

function CodeView({ tenant, server, number, mayDeploy }: { tenant: string; server: string; number: number; mayDeploy: boolean }) {
  const query = useQuery({ ...modulesQuery(tenant, server, number), enabled: mayDeploy })
  if (!mayDeploy) return <p>Code is for those with the role developer, and yours is viewer.</p>
  return (
    <Loaded query={query} skeleton={<Skeleton lines={8} />}>
      {({ mainModule, modules, sources }) => (
        <div className="grid grid-cols-1 gap-4">
          {sources ? (
            <div>
              <Link
                to="/t/$tenant/s/$server/code"
                params={{ tenant, server }}
                search={{ version: number }}
                className={buttonClass('secondary')}
              >
                Edit from here
              </Link>
            </div>
          ) : (
            <p className="text-soft">It was deployed as a bundle, without its sources.</p>
          )}
          <ReadModules texts={sources?.files ?? modules} main={sources?.main ?? mainModule} />
        </div>
      )}
    </Loaded>
  )
}
