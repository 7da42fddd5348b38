import type { ReactNode } from 'react'
import { Button } from '../../components/button.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import type { DraftStatus } from '../../forms/draft.ts'
import { DraftNotices } from './draft-notices.tsx'
import { DraftState, type Origin } from './draft-state.tsx'

interface EditorHeaderProps {
  title: string
  tenant: string
  server: string
  snapshot: { origin: Origin } & DraftStatus
  /** True while a deploy runs. */
  busy: boolean
  /** Version in the query string. */
  requested: number | undefined
  active: number | null
  /** Further actions, before the actions of the draft. */
  actions?: ReactNode
  onDiscard: () => void
  /** Drops the draft and opens the requested version. */
  onLeave: () => void
  onKeep: () => void
}

/** Header of an editor, with notices about the draft. The form `deploy` deploys the draft. */
export function EditorHeader({
  title,
  tenant,
  server,
  snapshot,
  busy,
  requested,
  active,
  actions,
  onDiscard,
  ...notices
}: EditorHeaderProps) {
  return (
    <>
      <PageHeader
        title={title}
        context={`${tenant}/${server}`}
        actions={
          <>
            {actions}
            {snapshot.changed && (
              <Button kind="secondary" onClick={onDiscard}>
                Discard draft
              </Button>
            )}
            <Button type="submit" form="deploy" busy={busy}>
              Deploy
            </Button>
          </>
        }
      >
        <DraftState snapshot={snapshot} />
      </PageHeader>
      <DraftNotices snapshot={snapshot} requested={requested} active={active} {...notices} />
    </>
  )
}
