import { RelativeTime } from '../../components/relative-time.tsx'
import type { DraftStatus } from '../../forms/draft.ts'

/** Base of a draft's changes. `empty`: the minimal server. `blank`: an empty form. */
export type Origin = { version: number } | { template: string } | { empty: true } | { blank: true }

export function originWords(origin: Origin): string {
  if ('version' in origin) return `version ${origin.version}`
  if ('blank' in origin) return 'an empty form'
  return 'template' in origin ? `template ${origin.template}` : 'the minimal server'
}

/** Describes the draft: base version and time of the last save. */
export function DraftState({ snapshot: { origin, changed, savedAt } }: { snapshot: { origin: Origin } & DraftStatus }) {
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
