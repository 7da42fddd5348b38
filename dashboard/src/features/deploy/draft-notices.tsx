import type { ReactNode } from 'react'
import { Button } from '../../components/button.tsx'
import type { DraftStatus } from '../../forms/draft.ts'
import { type Origin, originWords } from './draft-state.tsx'

interface DraftNoticesProps {
  snapshot: { origin: Origin } & DraftStatus
  requested: number | undefined
  active: number | null
  onLeave: () => void
  onKeep: () => void
}

/**
 * Warns if the draft differs from the requested version, from another tab, or from the active
 * version.
 */
export function DraftNotices({ snapshot: { origin, changed, outdated }, requested, active, onLeave, onKeep }: DraftNoticesProps) {
  const from = 'version' in origin ? origin.version : undefined
  if (requested !== undefined && requested !== from) {
    return (
      <Notice>
        <p className="min-w-0 flex-1 basis-60">
          {changed
            ? `You have a draft based on ${originWords(origin)}. Opening version ${requested} discards the draft.`
            : `The editor shows ${originWords(origin)}.`}
        </p>
        {changed && (
          <Button kind="secondary" onClick={onKeep}>
            Keep draft
          </Button>
        )}
        <Button kind={changed ? 'danger' : 'secondary'} onClick={onLeave}>
          Open version {requested}
        </Button>
      </Notice>
    )
  }
  if (outdated) {
    return (
      <Notice>
        <p className="min-w-0 flex-1 basis-60">Another tab saved a newer draft of this server. Changes here overwrite that draft.</p>
        <Button kind="secondary" onClick={() => location.reload()}>
          Load newer draft
        </Button>
      </Notice>
    )
  }
  if (changed && from !== undefined && active !== null && active > from) {
    return (
      <Notice>
        <p>
          This draft is based on version {from} and lacks the changes of version {active}, which is active now.
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
