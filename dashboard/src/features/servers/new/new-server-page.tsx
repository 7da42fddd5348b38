import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Server } from 'lucide-react'
import { useState } from 'react'
import type { CodeUploadBody } from '../../../../../protocol/api.ts'
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
import { useRole } from '../../people/role.ts'
import { serversQuery } from '../queries.ts'
import { BundleDrop } from './bundle-drop.tsx'
import { DeployProgress } from './deploy-progress.tsx'
import { BLANK, BUNDLE, CONTENT, StartingPoints } from './starting-points.tsx'
import { useNewServer } from './use-new-server.ts'

const route = getRouteApi('/t/$tenant/new')

/** Creates a server: starting point, name, then the progress of the first deploy. */
export function NewServerPage() {
  const { tenant } = route.useParams()
  const { first } = route.useSearch()
  const templates = useQuery(listTemplates)
  return (
    <ForDevelopers
      tenant={tenant}
      title="Create server"
      context={tenant}
      icon={Server}
      reason="Creating a server requires the developer role"
    >
      <div className="max-w-5xl">
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
  const startingPoints = [...templates.map(({ name }) => name), BLANK, CONTENT, BUNDLE]
  const startingPoint = from !== undefined && startingPoints.includes(from) ? from : (startingPoints[0] ?? BUNDLE)
  // in the query string, so a reload keeps the choice
  const setStartingPoint = (chosen: string) =>
    void here({ search: (search) => ({ ...search, from: chosen }), replace: true, resetScroll: false })
  const [bundle, setBundle] = useState<CodeUploadBody>()
  const opensEditor = startingPoint === BLANK || startingPoint === CONTENT
  const template = templates.find((each) => each.name === startingPoint)
  const hosts = template?.egress ?? []
  const isAdmin = useRole(tenant, 'admin')
  const { values, change } = useChanges<Naming>('server', { name: template?.title ?? '', slug: undefined })
  const { name } = values
  const { data: servers = [] } = useQuery(serversQuery(tenant))
  const slug = slugOf(
    values,
    servers.map((each) => each.slug),
  )
  const newServer = useNewServer(tenant, (created) => {
    const params = { tenant, server: created }
    if (startingPoint === CONTENT) return void navigate({ to: '/t/$tenant/s/$server/content', params })
    void (startingPoint === BLANK
      ? navigate({ to: '/t/$tenant/s/$server/code', params, search: { blank: true } })
      : navigate({ to: '/t/$tenant/s/$server', params, search: { first: true } }))
  })
  const { deploy, created } = newServer
  const { problem } = deploy
  const fields = faultsOf(problem)

  // before the server exists, errors are shown in the form
  if (!opensEditor && (deploy.busy || created !== undefined)) {
    return (
      <>
        <PageHeader title={`Deploying ${name}`} context={tenant}>
          {isFirst && 'Step 3 of 3. The platform probes the server like a client before activating it.'}
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
          server: { name, slug, ...(isAdmin && hosts.length > 0 ? { egress: hosts } : {}) },
          ...(template ? { load: async () => (await loadTemplate(template.name)).upload } : {}),
          ...(startingPoint === BUNDLE && bundle ? { load: () => Promise.resolve(bundle) } : {}),
        })
      }}
    >
      <PageHeader title={isFirst ? 'Create your first server' : 'Create server'} context={tenant}>
        {isFirst && 'Step 2 of 3. '}Choose a starting point. Everything except the slug can be changed later.
      </PageHeader>
      <StartingPoints templates={templates} value={startingPoint} onChange={setStartingPoint} />
      <Card className="my-6">
        <div className="grid gap-5 sm:grid-cols-2">
          {startingPoint === BUNDLE && <BundleDrop value={bundle} onChange={setBundle} className="sm:col-span-2" />}
          <NameAndSlug name={values.name} slug={slug} onChange={change} fields={fields} autoComplete="off" />
          <p className="text-sm text-soft sm:col-span-2">
            Endpoint: <code className="[overflow-wrap:anywhere] text-ink">{`${location.origin}/${tenant}/${slug || '…'}/mcp`}</code>. At
            first, only members of the tenant can connect.
            {hosts.length > 0 && !isAdmin && ` The code cannot reach ${hosts.join(', ')} until an admin allows the host in Settings.`}
          </p>
        </div>
      </Card>
      {problem != null && !(fields.has('/slug') || fields.has('/name')) && (
        <div className="mb-6">
          <ProblemNote problem={problem} />
        </div>
      )}
      <div>
        <Button type="submit" busy={deploy.busy} disabled={startingPoint === BUNDLE && !bundle?.manifest.mainModule}>
          {opensEditor ? 'Open editor' : 'Deploy'}
        </Button>
      </div>
    </form>
  )
}
