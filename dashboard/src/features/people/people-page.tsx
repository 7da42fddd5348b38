import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { UserPlus } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { tenantQuery } from '../tenants/queries.ts'
import { Invitations } from './invitations.tsx'
import { InviteDialog } from './invite-dialog.tsx'
import { Members } from './members.tsx'
import { isAtLeast } from './role.ts'

const route = getRouteApi('/t/$tenant/people')

/** Members and open invitations of a tenant. */
export function PeoplePage() {
  const { tenant } = route.useParams()
  const own = useQuery(tenantQuery(tenant))
  const [inviting, setInviting] = useState(false)
  const role = own.data?.role ?? 'viewer'
  const isAdmin = isAtLeast(role, 'admin')
  return (
    <>
      <PageHeader
        title="People"
        context={tenant}
        actions={
          isAdmin && (
            <Button icon={UserPlus} onClick={() => setInviting(true)}>
              Invite
            </Button>
          )
        }
      >
        Members manage the servers of this tenant. Only members can connect to members-only servers.
      </PageHeader>
      <div className="grid gap-6">
        <Members tenant={tenant} role={role} />
        {isAdmin && <Invitations tenant={tenant} />}
      </div>
      <InviteDialog open={inviting} onOpenChange={setInviting} tenant={tenant} role={role} />
    </>
  )
}
