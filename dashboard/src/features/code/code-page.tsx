import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, Navigate } from '@tanstack/react-router'
import { FileCode2 } from 'lucide-react'
import { useState } from 'react'
import type { Sources } from '../../../../protocol/api.ts'
import { Card } from '../../components/card.tsx'
import { ErrorState } from '../../components/error-state.tsx'
import { Skeleton } from '../../components/loaded.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { meQuery } from '../account/queries.ts'
import type { Origin } from '../deploy/draft-state.tsx'
import { ForDevelopers } from '../people/for-developers.tsx'
import { serverQuery } from '../servers/queries.ts'
import { latestVersionsQuery, modulesQuery, useSource, versionQuery } from '../versions/queries.ts'
import { StartingSources } from './starting-sources.tsx'
import { BundleOnly } from './bundle-only.tsx'
import { draftKey, EMPTY, Project, readDraft } from './project.ts'
import { Workspace } from './workspace.tsx'

const route = getRouteApi('/t/$tenant/s/$server/code')

/** Code editor of a hosted server. Opens the draft of this browser, or the sources of a version. */
export function CodePage() {
  const { tenant, server } = route.useParams()
  const { data: me } = useQuery(meQuery())
  if (!me) return <Skeleton lines={8} />
  const key = draftKey(me.user.id, tenant, server)
  return (
    <ForDevelopers tenant={tenant} title="Code" context={`${tenant}/${server}`} icon={FileCode2} reason="Code requires the developer role">
      <OpenProject key={key} draft={key} tenant={tenant} server={server} />
    </ForDevelopers>
  )
}

function OpenProject({ draft, tenant, server }: { draft: string; tenant: string; server: string }) {
  const { version: requested, blank } = route.useSearch()
  const navigate = route.useNavigate()
  const [project, setProject] = useState(() => {
    const kept = readDraft(draft)
    return kept && new Project(draft, kept, kept)
  })
  const { data: hosted } = useQuery(serverQuery(tenant, server))
  const versions = useQuery({ ...latestVersionsQuery(tenant, server), enabled: !project })
  const number = requested ?? hosted?.activeVersion ?? versions.data?.[0]?.number
  const source = useSource(tenant, server)
  const asked = useQuery({ ...versionQuery(tenant, server, requested ?? 0), enabled: requested !== undefined })
  const isStatic = (requested === undefined ? source : asked.data?.source) === 'static'
  const modules = useQuery({
    ...modulesQuery(tenant, server, number ?? 0),
    enabled: !project && number !== undefined && source !== undefined && !isStatic && !asked.isLoading,
  })
  const sources = modules.data?.sources

  if (!project && number !== undefined && sources) setProject(new Project(draft, { origin: { version: number }, ...sources }))
  // a kept draft of code stays open, unless the URL names a version without code
  if (isStatic && (requested !== undefined || !project))
    return (
      <Navigate
        to="/t/$tenant/s/$server/content"
        params={{ tenant, server }}
        search={requested === undefined ? {} : { version: requested }}
        replace
      />
    )
  if (project) {
    return (
      <Workspace
        tenant={tenant}
        server={server}
        project={project}
        requested={requested}
        active={hosted?.activeVersion ?? null}
        onLeave={() => setProject(undefined)}
        onKeep={() => void navigate({ search: {}, replace: true })}
      />
    )
  }
  const problem = modules.error ?? versions.error
  if (problem) return <ErrorState problem={problem} onRetry={() => void (modules.error ? modules.refetch() : versions.refetch())} />
  if (!hosted || !versions.data || (number !== undefined && !modules.data)) return <Skeleton lines={8} />
  const begin = ({ main, files }: Sources, origin: Origin) => setProject(new Project(draft, { origin, main, files }))
  if (number !== undefined && modules.data)
    return <BundleOnly tenant={tenant} server={server} number={number} modules={modules.data} begin={<StartingSources onBegin={begin} />} />
  if (blank) begin(EMPTY, { empty: true })
  return (
    <>
      <PageHeader title="Code" context={`${tenant}/${server}`}>
        Nothing is deployed yet. Write code here, or{' '}
        <Link to="/t/$tenant/s/$server/versions" params={{ tenant, server }} className="link">
          upload a bundle
        </Link>
        .
      </PageHeader>
      <Card title="Choose a starting point">
        <StartingSources onBegin={begin} />
      </Card>
    </>
  )
}
