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

/** Settings of a hosted server. Access rules are on the Access page. */
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
          <div className="grid gap-8">
            {!mayChange && (
              <p className="text-soft">
                {isDeveloper
                  ? 'Only an admin or owner can change allowed hosts, allowed origins and limits.'
                  : 'Only a developer, admin or owner can change these settings.'}
              </p>
            )}
            <IdentityForm tenant={tenant} server={body} disabled={!isDeveloper} />
            {isDeveloper && <Environment tenant={tenant} server={slug} />}
            <ListForm
              tenant={tenant}
              server={body}
              field="egress"
              title="Allowed hosts"
              label="Hosts"
              placeholder={'api.example.com\n*.example.org'}
              disabled={!mayChange}
            >
              Hosts that the code may connect to over https, one per line. <code>*.example.com</code> matches all subdomains. With an empty
              list the code has no network access.
            </ListForm>
            <ListForm
              tenant={tenant}
              server={body}
              field="origins"
              title="Allowed origins"
              label="Origins"
              placeholder="https://app.example.com"
              disabled={!mayChange}
            >
              Origins of apps that run in a browser, one per line. Other apps need no entry.
            </ListForm>
            <LimitsForm tenant={tenant} server={body} disabled={!mayChange} />
            {mayChange && <DeleteServer tenant={tenant} server={slug} />}
          </div>
        )}
      </Loaded>
    </>
  )
}
