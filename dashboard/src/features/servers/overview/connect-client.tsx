import { useState } from 'react'
import { clientLines } from '../../../../../protocol/client-lines.ts'
import { recall, remember } from '../../../browser/local-storage.ts'
import { buttonClass } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { CopyLine } from '../../../components/copy.tsx'
import { Tabs } from '../../../components/tabs.tsx'

const NAME = 'wharf.client'

/** A line to copy for each common client. Remembers the last selected client. */
export function ConnectClient({ url, name, isOpen }: { url: string; name: string; isOpen: boolean }) {
  const lines = clientLines({ url, name, isOpen })
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
        tabs={lines.map(({ client, where, line, links = [], fromCloud }) => ({
          value: client,
          label: client,
          content: (
            <div className="grid gap-3">
              {links.length > 0 && (
                <p className="flex flex-wrap gap-2">
                  {links.map(({ label, href }, index) => (
                    <a key={href} href={href} className={buttonClass(index === 0 ? 'primary' : 'secondary')}>
                      {label}
                    </a>
                  ))}
                </p>
              )}
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
