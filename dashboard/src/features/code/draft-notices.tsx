import type { ReactNode } from 'react'
import { Button } from '../../components/button.tsx'
import { originWords } from './draft-state.tsx'
import type { Snapshot } from './project.ts'

interface NoticesProps {
  snapshot: Snapshot
  asked: number | undefined
  active: number | null
  onLeave: () => void
  onKeep: () => void
}

/** Where the draft and what is elsewhere have parted. */
export function Notices({ snapshot: { origin, changed, overtaken }, asked, active, onLeave, onKeep }: NoticesProps) {
  const from = 'version' in origin ? origin.version : undefined
  if (asked !== undefined && asked !== from) {
    return (
      <Notice>
        <p className="min-w-0 flex-1 basis-60">
          {changed
            ? `This is your draft, from ${originWords(origin)}. Opening version ${asked} discards it.`
            : `This is ${originWords(origin)}.`}
        </p>
        {changed && (
          <Button kind="secondary" onClick={onKeep}>
            Keep the draft
          </Button>
        )}
        <Button kind={changed ? 'danger' : 'secondary'} onClick={onLeave}>
          Open version {asked}
        </Button>
      </Notice>
    )
  }
  if (overtaken) {
    return (
      <Notice>
        <p className="min-w-0 flex-1 basis-60">
          Another tab has kept a newer draft of this server. What is written here will take its place.
        </p>
        <Button kind="secondary" onClick={() => location.reload()}>
          Load the newer draft
        </Button>
      </Notice>
    )
  }
  if (changed && from !== undefined && active !== null && active > from) {
    return (
      <Notice>
        <p>
          Version {active} is active by now, and this draft is from version {from}: what is new there is not in it.
        </p>
      </Notice>
    )
  }
  return null
}

function Notice({ children }: { children: ReactNode }) {
  return (
    <div
      role="status"
      className="mb-4 flex flex-wrap items-center gap-3 rounded-xl border border-warn-ink bg-warn-ground px-4 py-3 text-warn-ink"
    >
      {children}
    </div>
  )
}
