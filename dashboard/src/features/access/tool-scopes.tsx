import { useQuery } from '@tanstack/react-query'
import type { VersionBody } from '../../../../protocol/api.ts'
import { Badge } from '../../components/badge.tsx'
import { Card } from '../../components/card.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Table } from '../../components/table.tsx'
import { Untrusted } from '../../components/untrusted.tsx'
import { versionQuery } from '../versions/queries.ts'

type Tool = NonNullable<VersionBody['surface']>['tools'][number]

/** Required scopes by tool. A tool without `readOnlyHint` needs `mcp:write`. */
export function ToolScopes({ tenant, server, activeVersion }: { tenant: string; server: string; activeVersion: number | null }) {
  return (
    <Card title="Scopes by tool">
      {activeVersion === null ? (
        <p className="text-soft">No tools, because no version is active.</p>
      ) : (
        <Scopes tenant={tenant} server={server} number={activeVersion} />
      )}
    </Card>
  )
}

function Scopes({ tenant, server, number }: { tenant: string; server: string; number: number }) {
  const version = useQuery(versionQuery(tenant, server, number))
  return (
    <>
      <p className="mb-4 max-w-prose text-soft">
        Tools with <code>readOnlyHint</code> need <code>mcp:read</code>. All other tools also need <code>mcp:write</code>.
      </p>
      <Loaded query={version}>
        {({ surface }) => (
          <Table<Tool>
            label="Scopes by tool"
            rows={surface?.tools ?? []}
            keyOf={({ name }) => name}
            columns={[
              { name: 'Tool', cell: ({ name }) => <code className="[overflow-wrap:anywhere]">{name}</code> },
              {
                name: 'Title',
                cell: ({ title = '', annotations }) => {
                  const shown = title || annotations?.title
                  return shown && <Untrusted text={shown} lines={1} />
                },
              },
              {
                name: 'Scopes',
                className: 'w-48',
                cell: ({ annotations }) =>
                  annotations?.readOnlyHint === true ? <Badge>mcp:read</Badge> : <Badge tone="warn">mcp:read mcp:write</Badge>,
              },
            ]}
          />
        )}
      </Loaded>
    </>
  )
}
