import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { ServerBody, ToolDefinition } from '../../../../../protocol/api.ts'
import { Field, Select } from '../../../components/field.tsx'
import { Loaded } from '../../../components/loaded.tsx'
import { meQuery } from '../../account/queries.ts'
import { AccessBanner } from '../../playground/connection/access-banner.tsx'
import { NEWEST } from '../../playground/connection/revisions.ts'
import { usePlayground } from '../../playground/connection/use-playground.ts'
import { ToolDetails } from '../../playground/surface/tool-details.tsx'
import { serverQuery } from '../../servers/queries.ts'
import { versionQuery } from '../../versions/queries.ts'

interface TryPanelProps {
  tenant: string
  server: string
  /** Version to try: the one just deployed, or else the active one. */
  number: number | null
}

/** Calls a tool of the deployed version beside its code. */
export function TryPanel({ tenant, server, number }: TryPanelProps) {
  const hosted = useQuery(serverQuery(tenant, server))
  const version = useQuery({ ...versionQuery(tenant, server, number ?? 0), enabled: number !== null })
  const { data: me } = useQuery(meQuery())
  if (number === null) return <p className="text-soft">Deploy a version to call its tools here.</p>
  return (
    <Loaded query={hosted}>
      {(body) => (
        <Loaded query={version}>
          {({ surface }) =>
            !surface || surface.tools.length === 0 || !me ? (
              <p className="text-soft">{`Version ${number} has no tools.`}</p>
            ) : (
              <TryTool key={number} tenant={tenant} server={body} tools={surface.tools} userId={me.user.id} number={number} />
            )
          }
        </Loaded>
      )}
    </Loaded>
  )
}

interface TryToolProps {
  tenant: string
  server: ServerBody
  tools: readonly ToolDefinition[]
  userId: string
  number: number
}

function TryTool({ tenant, server, tools, userId, number }: TryToolProps) {
  const { slug, url, access, activeVersion } = server
  const isPublic = access === 'public'
  const version = number === activeVersion ? undefined : number
  const handle = usePlayground({ resource: url, version, revision: NEWEST, userId, isPublic })
  const [chosen, setChosen] = useState(tools[0]?.name ?? '')
  const tool = tools.find(({ name }) => name === chosen) ?? tools[0]
  return (
    <div className="grid grid-cols-1 gap-4">
      <AccessBanner handle={handle} isPublic={isPublic} />
      <div className="flex flex-wrap items-end gap-x-4 gap-y-2">
        <Field label={`Tool of version ${number}`} className="min-w-0 flex-1 basis-60 sm:max-w-sm">
          <Select value={tool?.name ?? ''} onChange={setChosen} options={tools.map(({ name }) => ({ value: name, label: name }))} />
        </Field>
        <Link
          to="/t/$tenant/s/$server/tools"
          params={{ tenant, server: slug }}
          search={version === undefined ? {} : { version }}
          className="link py-1.5"
        >
          Open the playground
        </Link>
      </div>
      {tool && (
        <ToolDetails
          key={tool.name}
          tool={tool}
          handle={handle}
          resource={url}
          onRead={(uri) => void handle.playground.run({ kind: 'resource', uri })}
        />
      )}
    </div>
  )
}
