import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Loaded } from '../../components/loaded.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { Tabs } from '../../components/tabs.tsx'
import { useRole } from '../people/role.ts'
import { serverQuery } from '../servers/queries.ts'
import { AccessKeys } from './access-keys.tsx'
import { ConnectForm } from './connect-form.tsx'
import { Connected } from './connected.tsx'
import { Decisions } from './decisions.tsx'
import { MachineGrants } from './machine-grants.tsx'
import { Registered } from './registered.tsx'
import { RegistrationTokens } from './registration-tokens.tsx'
import { ToolScopes } from './tool-scopes.tsx'

const route = getRouteApi('/t/$tenant/s/$server/access')

/** Which people and apps may use a hosted server, and which do. */
export function AccessPage() {
  const { tenant, server: slug } = route.useParams()
  const { tab = 'rules' } = route.useSearch()
  const navigate = route.useNavigate()
  const server = useQuery(serverQuery(tenant, slug))
  const isAdmin = useRole(tenant, 'admin')
  const isDeveloper = useRole(tenant, 'developer')
  const at = { tenant, server: slug }
  return (
    <>
      <PageHeader title="Access" context={`${tenant}/${slug}`}>
        Which people and which apps may use this server. Everything here takes effect within ten seconds.
      </PageHeader>
      <Loaded query={server}>
        {(body) => (
          <Tabs
            label="Access"
            value={tab}
            onChange={(chosen) => void navigate({ search: { tab: chosen }, replace: true })}
            tabs={[
              {
                value: 'rules',
                label: 'Rules',
                content: (
                  <div className="grid gap-6">
                    <ConnectForm tenant={tenant} server={body} disabled={!isAdmin} />
                    <ToolScopes {...at} activeVersion={body.activeVersion} />
                    {isAdmin && body.registration === 'protected' && <RegistrationTokens {...at} />}
                  </div>
                ),
              },
              {
                value: 'apps',
                label: 'Apps',
                content: (
                  <div className="grid gap-6">
                    <Decisions {...at} approves={body.clients === 'approved'} mayDecide={isAdmin} />
                    {isAdmin && <Connected {...at} />}
                    {isDeveloper && <Registered {...at} />}
                  </div>
                ),
              },
              { value: 'machines', label: 'Machines', content: <MachineGrants {...at} mayChange={isAdmin} mayLook={isDeveloper} /> },
              { value: 'keys', label: 'Keys', content: <AccessKeys {...at} mayMake={isDeveloper} isAdmin={isAdmin} /> },
            ]}
          />
        )}
      </Loaded>
    </>
  )
}
