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

interface DecisionsProps {
  tenant: string
  server: string
  /** Whether an app has to be approved here. */
  approves: boolean
  mayDecide: boolean
}

const STATES = {
  waiting: <Badge tone="warn">Waiting</Badge>,
  approved: <Badge tone="good">Approved</Badge>,
  refused: <Badge tone="bad">Refused</Badge>,
}

/** Apps that asked to connect where each has to be approved, and what was decided of them. */
export function Decisions({ tenant, server, approves, mayDecide }: DecisionsProps) {
  const apps = useQuery(serverClientsQuery(tenant, server))
  const client = useQueryClient()
  const decision = useMutation({
    mutationFn: (body: { clientId: string; state: 'approved' | 'refused' }) =>
      call<Page<ClientBody>>('POST', `${apiPath.server(tenant, server)}/client-approvals`, body),
    onSuccess: async (_, { state }) => {
      await client.invalidateQueries({ queryKey: serverClientsKey(tenant, server) })
      toast(state === 'approved' ? 'The app may connect now.' : 'The app is kept out.')
    },
  })
  if (!approves && apps.data?.length === 0) return null
  return (
    <Card title="Apps that asked">
      {!approves && (
        <p className="mb-4 text-soft">Any app may connect at present, so these decisions wait for a time when each has to be approved.</p>
      )}
      {decision.error && (
        <div className="mb-4">
          <ProblemNote problem={decision.error} />
        </div>
      )}
      <Loaded query={apps}>
        {(items) =>
          items.length === 0 ? (
            <p className="text-soft">None has asked yet. One that does waits here, and its user is told so.</p>
          ) : (
            <Table
              label="Apps that asked"
              rows={items}
              keyOf={({ clientId }) => clientId}
              columns={[
                {
                  name: 'App',
                  cell: ({ clientId, name }) => <Named name={name} unnamed="An app without a name" known={clientId} />,
                },
                { name: 'Asked', className: 'w-36', cell: ({ createdAt }) => <RelativeTime at={createdAt} /> },
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
