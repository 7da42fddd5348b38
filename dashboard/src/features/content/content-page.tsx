import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { FileText } from 'lucide-react'
import { useState } from 'react'
import { ErrorState } from '../../components/error-state.tsx'
import { Skeleton } from '../../components/loaded.tsx'
import { meQuery } from '../account/queries.ts'
import { ForDevelopers } from '../people/for-developers.tsx'
import { serverQuery } from '../servers/queries.ts'
import { latestVersionsQuery, manifestQuery } from '../versions/queries.ts'
import { ContentDraft, contentDraftKey, openContentDraft } from './content-draft.ts'
import { ContentEditor } from './content-editor.tsx'
import { emptyForm, toForm } from './form.ts'

const route = getRouteApi('/t/$tenant/s/$server/content')

/** Editor of prompts and documents. Opens the draft of this browser, or a version. */
export function ContentPage() {
  const { tenant, server } = route.useParams()
  const { data: me } = useQuery(meQuery())
  if (!me) return <Skeleton lines={8} />
  const key = contentDraftKey(me.user.id, tenant, server)
  return (
    <ForDevelopers
      tenant={tenant}
      title="Content"
      context={`${tenant}/${server}`}
      icon={FileText}
      reason="Content requires the developer role"
    >
      <OpenContent key={key} draftKey={key} tenant={tenant} server={server} />
    </ForDevelopers>
  )
}

function OpenContent({ draftKey, tenant, server }: { draftKey: string; tenant: string; server: string }) {
  const { version: requested } = route.useSearch()
  const navigate = route.useNavigate()
  const [draft, setDraft] = useState(() => openContentDraft(draftKey))
  const hosted = useQuery(serverQuery(tenant, server))
  const versions = useQuery({ ...latestVersionsQuery(tenant, server), enabled: !draft })
  const number = requested ?? hosted.data?.activeVersion ?? versions.data?.[0]?.number
  const manifest = useQuery({ ...manifestQuery(tenant, server, number ?? 0), enabled: !draft && number !== undefined })

  if (!draft && hosted.data && versions.data && (number === undefined || manifest.data)) {
    // a server of the source `code` begins with an empty form
    const found = manifest.data?.manifest
    setDraft(
      number !== undefined && found?.source === 'static'
        ? new ContentDraft(draftKey, { origin: { version: number }, form: toForm(found) })
        : new ContentDraft(draftKey, { origin: { blank: true }, form: emptyForm() }),
    )
  }
  if (draft) {
    return (
      <ContentEditor
        tenant={tenant}
        server={server}
        draft={draft}
        requested={requested}
        active={hosted.data?.activeVersion ?? null}
        onLeave={() => setDraft(undefined)}
        onKeep={() => void navigate({ search: {}, replace: true })}
      />
    )
  }
  const failed = [manifest, versions, hosted].find(({ error }) => error)
  if (failed) return <ErrorState problem={failed.error} onRetry={() => void failed.refetch()} />
  return <Skeleton lines={8} />
}
