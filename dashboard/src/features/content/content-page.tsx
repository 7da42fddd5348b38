import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { BookOpenText } from 'lucide-react'
import { useState } from 'react'
import { ErrorState } from '../../components/error-state.tsx'
import { Skeleton } from '../../components/loaded.tsx'
import { ForDevelopers } from '../people/for-developers.tsx'
import { serverQuery } from '../servers/queries.ts'
import { latestVersionsQuery, manifestQuery, versionQuery } from '../versions/queries.ts'
import { ContentEditor } from './content-editor.tsx'
import { type ContentForm, emptyForm, toForm } from './form.ts'

const route = getRouteApi('/t/$tenant/s/$server/content')

/** Editor of prompts and documents. Opens the content of a version, or starts empty. */
export function ContentPage() {
  const { tenant, server } = route.useParams()
  return (
    <ForDevelopers
      tenant={tenant}
      title="Prompts and documents"
      context={`${tenant}/${server}`}
      icon={BookOpenText}
      reason="Editing prompts and documents requires the developer role"
    >
      <OpenContent key={`${tenant}/${server}`} tenant={tenant} server={server} />
    </ForDevelopers>
  )
}

/** Content as loaded, and the version loaded from. */
interface Loaded {
  form: ContentForm
  version: number | undefined
  /** True if the version runs code, so the content starts empty. */
  replacesCode: boolean
}

function OpenContent({ tenant, server }: { tenant: string; server: string }) {
  const { version: requested } = route.useSearch()
  const [loaded, setLoaded] = useState<Loaded>()
  const hosted = useQuery(serverQuery(tenant, server))
  const versions = useQuery(latestVersionsQuery(tenant, server))
  const number = requested ?? hosted.data?.activeVersion ?? versions.data?.[0]?.number
  const version = useQuery({ ...versionQuery(tenant, server, number ?? 0), enabled: number !== undefined })
  const source = version.data?.content.source
  const manifest = useQuery({ ...manifestQuery(tenant, server, number ?? 0), enabled: source === 'static' })
  if (loaded) return <ContentEditor tenant={tenant} server={server} {...loaded} />

  const failed = [hosted, versions, version, manifest].find(({ error }) => error !== null)
  if (failed) return <ErrorState problem={failed.error} onRetry={() => void failed.refetch()} />
  if (!hosted.data || !versions.data) return <Skeleton lines={8} />
  if (number === undefined || source === 'code') setLoaded({ form: emptyForm(), version: undefined, replacesCode: source === 'code' })
  else if (manifest.data?.source === 'static') setLoaded({ form: toForm(manifest.data), version: number, replacesCode: false })
  return <Skeleton lines={8} />
}
