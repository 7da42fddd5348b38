import { RelativeTime } from '../../components/relative-time.tsx'
import type { Origin, Snapshot } from './project.ts'

export function originWords(origin: Origin): string {
  if ('version' in origin) return `version ${origin.version}`
  return 'template' in origin ? `template ${origin.template}` : 'the minimal server'
}

/** Describes the draft: base version and time of the last save. */
export function DraftState({ snapshot: { origin, changed, savedAt } }: { snapshot: Snapshot }) {
  if (!changed)
    return 'version' in origin ? <>Version {origin.version}, unchanged.</> : <>Based on {originWords(origin)}. Not deployed yet.</>
  if (savedAt === undefined)
    return <>Draft based on {originWords(origin)}. The browser cannot save the draft, so deploy before you leave the page.</>
  return (
    <>
      Draft based on {originWords(origin)}. Saved in this browser <RelativeTime at={savedAt} />.
    </>
  )
}
