import { useInfiniteQuery } from '@tanstack/react-query'
import { Card } from '../../components/card.tsx'
import { lastUsedColumn, Named } from '../../components/columns.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { MoreButton } from '../../components/more-button.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { Table } from '../../components/table.tsx'
import { Untrusted } from '../../components/untrusted.tsx'
import { registeredClientsQuery } from './queries.ts'

/** Apps that made themselves known at this server (RFC 7591), whether somebody let them in or not. */
export function Registered({ tenant, server }: { tenant: string; server: string }) {
  const apps = useInfiniteQuery(registeredClientsQuery(tenant, server))
  return (
    <Card title="Registered apps">
      <Loaded query={apps}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          return items.length === 0 ? (
            <p className="text-soft">No app has registered here. One that is known by a document of its own does not need to.</p>
          ) : (
            <>
              <p className="mb-4 text-soft">
                What apps say of themselves. It gives them nothing until somebody lets them in, but for what the rules let apps do for
                themselves. One that is not used is forgotten after a day, unless it waits for approval.
              </p>
              <Table
                label="Registered apps"
                rows={items}
                keyOf={({ clientId }) => clientId}
                columns={[
                  {
                    name: 'App',
                    cell: ({ clientId, name }) => <Named name={name ?? ''} unnamed="An app without a name" known={clientId} isCode />,
                  },
                  {
                    name: 'Access is sent to',
                    cell: ({ redirectUris }) =>
                      redirectUris.length === 0
                        ? 'Nowhere: it has no browser'
                        : redirectUris.map((uri) => (
                            <span key={uri} className="block text-sm">
                              <Untrusted text={uri} lines={2} />
                            </span>
                          )),
                  },
                  { name: 'Let in by', className: 'w-28', cell: ({ people }) => ['Nobody yet', '1 person'][people] ?? `${people} people` },
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
