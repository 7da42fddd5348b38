import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Server } from 'lucide-react'
import { useState } from 'react'
import type { UploadBody } from '../../../../../protocol/api.ts'
import { faultsOf } from '../../../api.ts'
import { Button } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { ProblemNote } from '../../../components/error-state.tsx'
import { Loaded } from '../../../components/loaded.tsx'
import { PageHeader } from '../../../components/page-header.tsx'
import { useChanges } from '../../../forms/changes.ts'
import { NameAndSlug, type Naming, slugOf } from '../../../forms/name-and-slug.tsx'
import { listTemplates, loadTemplate } from '../../code/load-templates.ts'
import type { Template } from '../../code/templates.ts'
import { ForDevelopers } from '../../people/for-developers.tsx'
import { serversQuery } from '../queries.ts'
import { BundleDrop } from './bundle-drop.tsx'
import { DeployProgress } from './deploy-progress.tsx'
import { BLANK, BUNDLE, StartingPoints } from './starting-points.tsx'
import { useNewServer } from './use-new-server.ts'

const route = getRouteApi('/t/$tenant/new')

/** From nothing to a hosted URL: what it is made of, its name, and then the deploy as it happens. */
export function NewServerPage() {
  const { tenant } = route.useParams()
  const { first } = route.useSearch()
  const templates = useQuery(listTemplates)
  return (
    <ForDevelopers tenant={tenant} title="New server" context={tenant} icon={Server} reason="Servers are made by developers">
      <div className="mx-auto max-w-3xl">
        <Loaded query={templates}>{(listed) => <NewServerForm tenant={tenant} isFirst={first === true} templates={listed} />}</Loaded>
      </div>
    </ForDevelopers>
  )
}

interface NewServerFormProps {
  tenant: string
  isFirst: boolean
  templates: readonly Template[]
}

function NewServerForm({ tenant, isFirst, templates }: NewServerFormProps) {
  const navigate = useNavigate()
  const { from } = route.useSearch()
  const here = route.useNavigate()
  const begins = [...templates.map(({ name }) => name), BLANK, BUNDLE]
  const begin = from !== undefined && begins.includes(from) ? from : (begins[0] ?? BUNDLE)
  // in the address, so that it is still chosen after a reload
  const setBegin = (chosen: string) => void here({ search: (search) => ({ ...search, from: chosen }), replace: true, resetScroll: false })
  const [bundle, setBundle] = useState<UploadBody>()
  const template = templates.find((each) => each.name === begin)
  const { values, change } = useChanges<Naming>('server', { name: template?.title ?? '', slug: undefined })
  const { name } = values
  const { data: servers = [] } = useQuery(serversQuery(tenant))
  const slug = slugOf(
    values,
    servers.map((each) => each.slug),
  )
  const newServer = useNewServer(tenant, (created) => {
    const params = { tenant, server: created }
    void (begin === BLANK
      ? navigate({ to: '/t/$tenant/s/$server/code', params, search: { blank: true } })
      : navigate({ to: '/t/$tenant/s/$server', params, search: { first: true } }))
  })
  const { deploy, created } = newServer
  const { problem } = deploy
  const fields = faultsOf(problem)

  // until the server is there, what went wrong is said beside what can be changed about it
  if (begin !== BLANK && (deploy.busy || created !== undefined)) {
    return (
      <>
        <PageHeader title={`Deploying ${name}`} context={tenant}>
          {isFirst && 'Step 3 of 3. It is asked once what it offers, as a client would, before it is live.'}
        </PageHeader>
        <DeployProgress tenant={tenant} newServer={newServer} />
      </>
    )
  }
  return (
    <form
      className="grid"
      onSubmit={(event) => {
        event.preventDefault()
        newServer.start({
          server: { name, slug, ...(template && template.egress.length > 0 ? { egress: template.egress } : {}) },
          ...(template ? { load: async () => (await loadTemplate(template.name)).upload } : {}),
          ...(begin === BUNDLE && bundle ? { load: () => Promise.resolve(bundle) } : {}),
        })
      }}
    >
      <PageHeader title={isFirst ? 'How do you want to begin?' : 'New server'} context={tenant}>
        {isFirst
          ? 'Step 2 of 3. All but its address can be changed later.'
          : 'Choose what it is made of. All but its address can be changed later.'}
      </PageHeader>
      <StartingPoints templates={templates} value={begin} onChange={setBegin} />
      <Card className="my-6">
        <div className="grid gap-5 sm:grid-cols-2">
          {begin === BUNDLE && <BundleDrop value={bundle} onChange={setBundle} className="sm:col-span-2" />}
          <NameAndSlug name={values.name} slug={slug} onChange={change} fields={fields} autoComplete="off" />
          <p className="text-sm text-soft sm:col-span-2">
            Its URL will be <code className="[overflow-wrap:anywhere] text-ink">{`${location.origin}/${tenant}/${slug || '…'}/mcp`}</code>.
            Members of the tenant may connect until you open it to others.
          </p>
        </div>
      </Card>
      {problem != null && !(fields.has('/slug') || fields.has('/name')) && (
        <div className="mb-6">
          <ProblemNote problem={problem} />
        </div>
      )}
      <div>
        <Button type="submit" busy={deploy.busy} disabled={begin === BUNDLE && !bundle?.manifest.mainModule}>
          {begin === BLANK ? 'Open the editor' : 'Deploy'}
        </Button>
      </div>
    </form>
  )
}
