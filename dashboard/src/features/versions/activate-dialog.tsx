import { useQuery } from '@tanstack/react-query'
import type { VersionBody } from '../../../../protocol/api.ts'
import { ConfirmDialog } from '../../components/dialog.tsx'
import { Loaded, Skeleton } from '../../components/loaded.tsx'
import { toast } from '../../components/toast.tsx'
import { compareSurfaces, isSame, type SurfaceChanges } from './compare/surface-changes.ts'
import { Dangers } from './compare/surface-comparison.tsx'
import { versionQuery } from './queries.ts'
import { useActivation } from './queries.ts'

interface ActivateDialogProps {
  tenant: string
  server: string
  /** The one to activate; the dialog is open while there is one. */
  number: number | undefined
  /** The one clients get now. */
  active: number | null
  onClose: () => void
}

/** Asks before clients get another version, and says what changes for them. */
export function ActivateDialog({ tenant, server, number, active, onClose }: ActivateDialogProps) {
  const { mutateAsync } = useActivation(tenant, server)
  const isRollback = number !== undefined && active !== null && number < active
  return (
    <ConfirmDialog
      open={number !== undefined}
      onOpenChange={onClose}
      title={isRollback ? `Roll back to version ${number}?` : `Activate version ${number ?? ''}?`}
      action={isRollback ? 'Roll back' : 'Activate'}
      onConfirm={async () => {
        await mutateAsync(number ?? 0)
        toast(`Version ${number} is active.`)
      }}
    >
      {number !== undefined &&
        (active === null ? <FirstTime /> : <WhatChanges tenant={tenant} server={server} from={active} to={number} />)}
    </ConfirmDialog>
  )
}

function FirstTime() {
  return <>From now on its URL answers. Clients can connect as the access settings let them.</>
}

function WhatChanges({ tenant, server, from, to }: { tenant: string; server: string; from: number; to: number }) {
  const [before, after] = [useQuery(versionQuery(tenant, server, from)), useQuery(versionQuery(tenant, server, to))]
  return (
    <div className="grid gap-3">
      <p>
        Clients get it instead of version {from}, from their next request. Those with an open session or stream are told that the lists may
        have changed; calls under way end as they began. Version {from} stays, and can be activated again.
      </p>
      <Loaded query={before} skeleton={<Skeleton lines={2} />}>
        {(was: VersionBody) => (
          <Loaded query={after} skeleton={<Skeleton lines={2} />}>
            {(is: VersionBody) => <Summary changes={compareSurfaces(was.surface, is.surface)} />}
          </Loaded>
        )}
      </Loaded>
    </div>
  )
}

function Summary({ changes }: { changes: SurfaceChanges }) {
  if (isSame(changes)) return <p className="text-ink">They see the same tools, prompts and resources as before.</p>
  const counted = (['tools', 'prompts', 'resources', 'resourceTemplates'] as const).flatMap((list) =>
    (['added', 'removed', 'changed'] as const).flatMap((kind) => {
      const number = changes[list].filter((entry) => entry.kind === kind).length
      return number === 0 ? [] : [`${number} ${WORDS[list]}${number === 1 ? '' : 's'} ${kind}`]
    }),
  )
  const dangerous = changes.tools.filter(({ dangers }) => dangers.length > 0)
  return (
    <>
      <p className="text-ink">
        {counted.length > 0 ? `What they see: ${counted.join(', ')}.` : 'What the server says of itself changes; the lists do not.'}
      </p>
      {dangerous.length > 0 && <Dangers tools={dangerous} />}
    </>
  )
}

const WORDS = { tools: 'tool', prompts: 'prompt', resources: 'resource', resourceTemplates: 'resource template' }
