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
  /** Version to activate. The dialog is closed if undefined. */
  number: number | undefined
  /** Active version. */
  active: number | null
  onClose: () => void
}

/** Confirms an activation and shows what changes for clients. */
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
        (active === null ? <FirstActivation /> : <ActivationChanges tenant={tenant} server={server} from={active} number={number} />)}
    </ConfirmDialog>
  )
}

function FirstActivation() {
  return <>The endpoint goes live. Clients can connect according to the access rules.</>
}

function ActivationChanges({ tenant, server, from, number }: { tenant: string; server: string; from: number; number: number }) {
  const [before, after] = [useQuery(versionQuery(tenant, server, from)), useQuery(versionQuery(tenant, server, number))]
  return (
    <div className="grid gap-3">
      <p>
        Clients use version {number} from their next request. Open sessions are notified of the change. Running calls finish on version{' '}
        {from}, which you can activate again later.
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
  if (isSame(changes)) return <p className="text-ink">No changes for clients.</p>
  const counted = (['tools', 'prompts', 'resources', 'resourceTemplates'] as const).flatMap((list) =>
    (['added', 'removed', 'changed'] as const).flatMap((kind) => {
      const number = changes[list].filter((entry) => entry.kind === kind).length
      return number === 0 ? [] : [`${number} ${WORDS[list]}${number === 1 ? '' : 's'} ${kind}`]
    }),
  )
  const dangerous = changes.tools.filter(({ dangers }) => dangers.length > 0)
  return (
    <>
      <p className="text-ink">{counted.length > 0 ? `Changes for clients: ${counted.join(', ')}.` : 'Only the server details change.'}</p>
      {dangerous.length > 0 && <Dangers tools={dangerous} />}
    </>
  )
}

const WORDS = { tools: 'tool', prompts: 'prompt', resources: 'resource', resourceTemplates: 'resource template' }
