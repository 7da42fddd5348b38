import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { ClientBody, Page } from '../../../../protocol/api.ts'
import { apiPath, call } from '../../api.ts'
import { Badge } from '../../components/badge.tsx'
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { Named } from '../../components/columns.tsx'
import { ProblemNote } from '../../components/error-state.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { Table } from '../../components/table.tsx'
import { toast } from '../../components/toast.tsx'
import { MemberName } from '../people/member-name.tsx'
import { serverClientsKey, serverClientsQuery } from './queries.ts'

interface AppApprovalsProps {
  tenant: string
  server: string
  /** The server requires approval of each app. */
  requiresApproval: boolean
  mayDecide: boolean
}

const STATES = {
  waiting: <Badge tone="warn">Waiting</Badge>,
  approved: <Badge tone="good">Approved</Badge>,
  refused: <Badge tone="bad">Refused</Badge>,
}

/** Approval requests of apps, and the decisions. */
export function AppApprovals({ tenant, server, requiresApproval, mayDecide }: AppApprovalsProps) {
  const apps = useQuery(serverClientsQuery(tenant, server))
  const client = useQueryClient()
  const decision = useMutation({
    mutationFn: (body: { clientId: string; state: 'approved' | 'refused' }) =>
      call<Page<ClientBody>>('POST', `${apiPath.server(tenant, server)}/client-approvals`, body),
    onSuccess: async (_, { state }) => {
      await client.invalidateQueries({ queryKey: serverClientsKey(tenant, server) })
      toast(state === 'approved' ? 'App approved.' : 'App refused.')
    },
  })
  if (!requiresApproval && apps.data?.length === 0) return null
  return (
    <Card title="App approvals">
      {!requiresApproval && (
        <p className="mb-4 text-soft">Any app can connect at present. These decisions apply only if apps need approval.</p>
      )}
      {decision.error && (
        <div className="mb-4">
          <ProblemNote problem={decision.error} />
        </div>
      )}
      <Loaded query={apps}>
        {(items) =>
          items.length === 0 ? (
            <p className="text-soft">No approval requests. A new app waits here until an admin approves it.</p>
          ) : (
            <Table
              label="App approvals"
              rows={items}
              keyOf={({ clientId }) => clientId}
              columns={[
                {
                  name: 'App',
                  cell: ({ clientId, name }) => <Named name={name} fallback="Unnamed app" identifier={clientId} />,
                },
                { name: 'Requested', className: 'w-36', cell: ({ createdAt }) => <RelativeTime at={createdAt} /> },
                {
                  name: 'State',
                  className: 'w-48',
                  cell: ({ state, decidedBy }) => (
                    <>
                      {STATES[state]}
                      {decidedBy !== null && (
                        <span className="mt-1 flex gap-1 text-sm text-soft">
                          by <MemberName tenant={tenant} userId={decidedBy} />
                        </span>
                      )}
                    </>
                  ),
                },
                {
                  name: 'Actions',
                  nameless: true,
                  className: 'w-44',
                  cell: ({ clientId, name, state }) =>
                    mayDecide && (
                      <div className="flex flex-wrap gap-1">
                        {state !== 'approved' && (
                          <Button
                            kind="secondary"
                            disabled={decision.isPending}
                            onClick={() => decision.mutate({ clientId, state: 'approved' })}
                          >
                            Approve<span className="sr-only"> {name || clientId}</span>
                          </Button>
                        )}
                        {state !== 'refused' && (
                          <Button
                            kind="quiet"
                            className="text-bad!"
                            disabled={decision.isPending}
                            onClick={() => decision.mutate({ clientId, state: 'refused' })}
                          >
                            Refuse<span className="sr-only"> {name || clientId}</span>
                          </Button>
                        )}
                      </div>
                    ),
                },
              ]}
            />
          )
        }
      </Loaded>
    </Card>
  )
}
