import { useInfiniteQuery } from '@tanstack/react-query'
import { Card } from '../../components/card.tsx'
import { lastUsedColumn, Named } from '../../components/columns.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { MoreButton } from '../../components/more-button.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { Table } from '../../components/table.tsx'
import { Untrusted } from '../../components/untrusted.tsx'
import { registeredClientsQuery } from './queries.ts'

/** Apps registered at this server (RFC 7591), with or without a grant. */
export function RegisteredApps({ tenant, server }: { tenant: string; server: string }) {
  const apps = useInfiniteQuery(registeredClientsQuery(tenant, server))
  return (
    <Card title="Registered apps">
      <Loaded query={apps}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          return items.length === 0 ? (
            <p className="text-soft">No registered apps. Apps with a client metadata document need no registration.</p>
          ) : (
            <>
              <p className="mb-4 text-soft">
                Apps provide these details themselves. Registration alone gives no access, unless the rules let registered apps act without
                a user. Unused registrations are deleted after a day, unless they wait for approval.
              </p>
              <Table
                label="Registered apps"
                rows={items}
                keyOf={({ clientId }) => clientId}
                columns={[
                  {
                    name: 'App',
                    cell: ({ clientId, name }) => <Named name={name ?? ''} fallback="Unnamed app" identifier={clientId} isCode />,
                  },
                  {
                    name: 'Redirect URIs',
                    cell: ({ redirectUris }) =>
                      redirectUris.length === 0
                        ? 'None (device)'
                        : redirectUris.map((uri) => (
                            <span key={uri} className="block text-sm">
                              <Untrusted text={uri} lines={2} />
                            </span>
                          )),
                  },
                  { name: 'Users', className: 'w-28', cell: ({ people }) => (people === 1 ? '1 user' : `${people} users`) },
                  { name: 'Registered', className: 'w-36', cell: ({ createdAt }) => <RelativeTime at={createdAt} /> },
                  lastUsedColumn(),
                ]}
              />
              <MoreButton query={apps} what="apps" />
            </>
          )
        }}
      </Loaded>
    </Card>
  )
}
