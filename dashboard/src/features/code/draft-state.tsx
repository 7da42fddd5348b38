import { RelativeTime } from '../../components/relative-time.tsx'
import type { Origin, Snapshot } from './project.ts'

export function originWords(origin: Origin): string {
  if ('version' in origin) return `version ${origin.version}`
  return 'template' in origin ? `the template ${origin.template}` : 'the beginning'
}

export function DraftState({ snapshot: { origin, changed, keptAt } }: { snapshot: Snapshot }) {
  if (!changed) return 'version' in origin ? <>As in version {origin.version}.</> : <>From {originWords(origin)}, not deployed yet.</>
  if (keptAt === undefined)
    return <>Changed since {originWords(origin)}. This browser has no room to keep the draft: deploy before you leave the page.</>
  return (
    <>
      A draft, changed since {originWords(origin)} and kept in this browser <RelativeTime at={keptAt} />.
    </>
  )
}
