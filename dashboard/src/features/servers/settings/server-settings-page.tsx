import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Loaded } from '../../../components/loaded.tsx'
import { PageHeader } from '../../../components/page-header.tsx'
import { useRole } from '../../people/role.ts'
import { serverQuery } from '../queries.ts'
import { DeleteServer } from './delete-server.tsx'
import { Environment } from './environment.tsx'
import { IdentityForm } from './identity-form.tsx'
import { LimitsForm } from './limits-form.tsx'
import { ListForm } from './list-form.tsx'

const route = getRouteApi('/t/$tenant/s/$server/settings')

/** What a hosted server is called, reaches and is given. Who may connect is the Access page's. */
export function ServerSettingsPage() {
  const { tenant, server: slug } = route.useParams()
  const server = useQuery(serverQuery(tenant, slug))
  const mayChange = useRole(tenant, 'admin')
  const isDeveloper = useRole(tenant, 'developer')
  return (
    <>
      <PageHeader title="Settings" context={`${tenant}/${slug}`} />
      <Loaded query={server}>
        {(body) => (
          <div className="grid gap-6">
            {!mayChange && <p className="text-soft">You can look at these settings; an admin or owner changes them.</p>}
            <IdentityForm tenant={tenant} server={body} disabled={!mayChange} />
            {isDeveloper && <Environment tenant={tenant} server={slug} />}
            <ListForm
              tenant={tenant}
              server={body}
              field="egress"
              title="Hosts its code may reach"
              label="Hosts"
              placeholder={'api.example.com\n*.example.org'}
              disabled={!mayChange}
            >
              One a line, over https only. <code>*.example.com</code> stands for every host below it. Without any, the code reaches nothing.
            </ListForm>
            <ListForm
              tenant={tenant}
              server={body}
              field="origins"
              title="Web pages that may call it"
              label="Origins"
              placeholder="https://app.example.com"
              disabled={!mayChange}
            >
              For apps that run in a browser: their origins, one a line. Apps that run elsewhere send none and need no entry.
            </ListForm>
            <LimitsForm tenant={tenant} server={body} disabled={!mayChange} />
            {mayChange && <DeleteServer tenant={tenant} server={slug} />}
          </div>
        )}
      </Loaded>
    </>
  )
}
