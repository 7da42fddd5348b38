import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { queries } from '../api.ts'
import { Card } from '../components/card.tsx'
import { CopyLine } from '../components/copy.tsx'
import { Loaded } from '../components/loaded.tsx'
import { PageHeader } from '../components/page-header.tsx'
import { Untrusted } from '../components/untrusted.tsx'

const route = getRouteApi('/t/$tenant/s/$server/')

export function OverviewPage() {
  const { tenant, server } = route.useParams()
  const query = useQuery(queries.server(tenant, server))
  return (
    <Loaded query={query}>
      {({ name, description, url, hostUrl }) => (
        <>
          <PageHeader title={name} context={tenant}>
            {description && <Untrusted text={description} multiline />}
          </PageHeader>
          <Card title="Its address">
            <div className="grid gap-2">
              <CopyLine text={url} what="the address" />
              {hostUrl && <CopyLine text={hostUrl} what="the address by host" />}
            </div>
          </Card>
        </>
      )}
    </Loaded>
  )
}
