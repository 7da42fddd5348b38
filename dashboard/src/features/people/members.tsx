import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { MemberBody, RoleName } from '../../../../protocol/api.ts'
import { apiPath, call } from '../../api.ts'
import { Badge } from '../../components/badge.tsx'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { ConfirmDialog } from '../../components/dialog.tsx'
import { ProblemNote } from '../../components/error-state.tsx'
import { Select } from '../../components/field.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { Table } from '../../components/table.tsx'
import { toast } from '../../components/toast.tsx'
import { Untrusted } from '../../components/untrusted.tsx'
import { meKey, meQuery } from '../account/queries.ts'
import { tenantKey } from '../tenants/queries.ts'
import { membersKey, membersQuery } from './queries.ts'
import { isAtLeast, rolesUpTo } from './role.ts'

/** Members of the tenant, with their roles. */
export function Members({ tenant, role }: { tenant: string; role: RoleName }) {
  const members = useQuery(membersQuery(tenant))
  const me = useQuery(meQuery())
  const client = useQueryClient()
  const navigate = useNavigate()
  const [removing, setRemoving] = useState<MemberBody>()
  const change = useMutation({
    mutationFn: (wanted: { userId: string; role: RoleName }) =>
      call<MemberBody>('PATCH', `${apiPath.tenant(tenant)}/members/${wanted.userId}`, { role: wanted.role }),
    onSuccess: ({ name, role: given }) => toast(`${name} now has the role ${given}.`),
    onSettled: () =>
      Promise.all([client.invalidateQueries({ queryKey: tenantKey(tenant) }), client.invalidateQueries({ queryKey: meKey })]),
  })
  const ownId = me.data?.user.id
  const isOwn = removing !== undefined && removing.userId === ownId
  return (
    <Card title="Members">
      {change.error && (
        <div className="mb-4">
          <ProblemNote problem={change.error} />
        </div>
      )}
      <Loaded query={members}>
        {(items) => (
          <Table
            label="Members"
            rows={items}
            keyOf={({ userId }) => userId}
            columns={[
              {
                name: 'Person',
                cell: ({ userId, name, email }) => (
                  <>
                    <span className="font-semibold">
                      <Untrusted text={name} />
                    </span>{' '}
                    {userId === ownId && <Badge>You</Badge>}
                    <span className="block text-sm text-soft">
                      <Untrusted text={email} />
                    </span>
                  </>
                ),
              },
              {
                name: 'Role',
                className: 'w-44',
                cell: (member) =>
                  isAtLeast(role, 'admin') && isAtLeast(role, member.role) ? (
                    <Select
                      aria-label={`Role of ${member.name}`}
                      value={change.isPending && change.variables.userId === member.userId ? change.variables.role : member.role}
                      aria-disabled={change.isPending || undefined} // keeps the focus
                      onChange={(given) =>
                        !change.isPending && given !== member.role && change.mutate({ userId: member.userId, role: given })
                      }
                      options={rolesUpTo(role).map((value) => ({ value, label: value }))}
                    />
                  ) : (
                    member.role
                  ),
              },
              { name: 'Joined', className: 'w-36', cell: ({ createdAt }) => <RelativeTime at={createdAt} /> },
              {
                name: 'Actions',
                nameless: true,
                className: 'w-32',
                cell: (member) => {
                  const leaves = member.userId === ownId
                  if (!leaves && !(isAtLeast(role, 'admin') && isAtLeast(role, member.role))) return null
                  return (
                    <Button kind="quiet" className="text-bad!" onClick={() => setRemoving(member)}>
                      {leaves ? 'Leave' : 'Remove'}
                      {!leaves && <span className="sr-only"> {member.name}</span>}
                    </Button>
                  )
                },
              },
            ]}
          />
        )}
      </Loaded>
      <ConfirmDialog
        open={removing !== undefined}
        onOpenChange={() => setRemoving(undefined)}
        title={isOwn ? `Leave ${tenant}?` : 'Remove member?'}
        action={isOwn ? `Leave ${tenant}` : 'Remove member'}
        onConfirm={async () => {
          await call('DELETE', `${apiPath.tenant(tenant)}/members/${removing?.userId}`)
          if (isOwn) {
            await client.invalidateQueries({ queryKey: meKey })
            await navigate({ to: '/' })
          } else {
            await client.invalidateQueries({ queryKey: membersKey(tenant) })
          }
          toast(isOwn ? `You left ${tenant}.` : 'Member removed.')
        }}
      >
        {isOwn ? (
          <>Your apps lose access to members-only servers of this tenant within 10 seconds. You need a new invitation to return.</>
        ) : (
          <>
            <strong>
              <Untrusted text={removing?.name ?? ''} />
            </strong>{' '}
            loses access to this tenant. Apps connected by this member lose access to members-only servers within 10 seconds.
          </>
        )}
      </ConfirmDialog>
    </Card>
  )
}
