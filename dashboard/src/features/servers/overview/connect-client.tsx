import { useState } from 'react'
import { clientLines } from '../../../../../protocol/client-lines.ts'
import { recall, remember } from '../../../browser/local-storage.ts'
import { Card } from '../../../components/card.tsx'
import { CopyLine } from '../../../components/copy.tsx'
import { Tabs } from '../../../components/tabs.tsx'

const NAME = 'wharf.client'

/** A line to copy for each common client. Remembers the last selected client. */
export function ConnectClient({ url, name }: { url: string; name: string }) {
  const lines = clientLines(url, name)
  const [chosen, setChosen] = useState(() => recall(NAME))
  const value = lines.find(({ client }) => client === chosen)?.client ?? lines[0]?.client ?? ''
  const isLocal = !url.startsWith('https:')
  return (
    <Card title="Connect a client">
      <Tabs
        label="Client"
        wrap
        value={value}
        onChange={(client) => {
          setChosen(client)
          remember(NAME, client)
        }}
        tabs={lines.map(({ client, where, line, fromCloud }) => ({
          value: client,
          label: client,
          content: (
            <div className="grid gap-3">
              <p className="text-soft">{where}</p>
              <CopyLine text={line} what={`the line for ${client}`} />
              {fromCloud && isLocal && (
                <p className="rounded-lg bg-warn-ground px-4 py-3 text-sm text-warn-ink">
                  {client} connects from the cloud, so it cannot reach a local address. Run the platform at a public https URL to use{' '}
                  {client}.
                </p>
              )}
            </div>
          ),
        }))}
      />
    </Card>
  )
}
