import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Loaded } from '../../components/loaded.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { Tabs } from '../../components/tabs.tsx'
import { useRole } from '../people/role.ts'
import { serverQuery } from '../servers/queries.ts'
import { AccessKeys } from './access-keys.tsx'
import { ConnectForm } from './connect-form.tsx'
import { ConnectedApps } from './connected-apps.tsx'
import { AppApprovals } from './app-approvals.tsx'
import { MachineGrants } from './machine-grants.tsx'
import { RegisteredApps } from './registered-apps.tsx'
import { RegistrationTokens } from './registration-tokens.tsx'
import { ToolScopes } from './tool-scopes.tsx'

const route = getRouteApi('/t/$tenant/s/$server/access')

/** Access rules of a hosted server, and the people, apps and machines with access. */
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
        Which people and apps can use this server. Changes take effect within 10 seconds.
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
                    <AppApprovals {...at} requiresApproval={body.clients === 'approved'} mayDecide={isAdmin} />
                    {isAdmin && <ConnectedApps {...at} />}
                    {isDeveloper && <RegisteredApps {...at} />}
                  </div>
                ),
              },
              { value: 'machines', label: 'Machines', content: <MachineGrants {...at} mayChange={isAdmin} mayLook={isDeveloper} /> },
              { value: 'keys', label: 'Keys', content: <AccessKeys {...at} mayCreate={isDeveloper} isAdmin={isAdmin} /> },
            ]}
          />
        )}
      </Loaded>
    </>
  )
}
