import { ProblemNote } from '../../components/error-state.tsx'
import { Untrusted } from '../../components/untrusted.tsx'
import type { Place } from '../deploy/places.ts'
import type { SourceDiagnostic } from './editor/language-service.ts'

const MAX_SHOWN = 50

interface TypeErrorsProps {
  found: Readonly<Record<string, SourceDiagnostic[]>> | undefined
  files: Readonly<Record<string, string>>
  problem: unknown
  onJump: (place: Place) => void
}

/** TypeScript errors of all files. */
export function TypeErrors({ found, files, problem, onJump }: TypeErrorsProps) {
  if (problem !== undefined) return <ProblemNote problem={problem} />
  if (!found) return <p className="text-sm text-soft">Loading types. You can edit meanwhile.</p>
  const all = Object.entries(found).flatMap(([file, list]) => list.map((diagnostic) => ({ file, ...diagnostic })))
  if (all.length === 0) return <p className="text-sm text-soft">TypeScript: no errors.</p>
  return (
    <details className="rounded-xl border border-line bg-sheet px-4 py-3">
      <summary className="font-semibold">
        TypeScript: {all.length} {all.length === 1 ? 'error' : 'errors'}
        <span className="font-normal text-soft"> (type errors do not prevent a deploy)</span>
      </summary>
      <ul className="mt-3 grid gap-2">
        {all.slice(0, MAX_SHOWN).map(({ file, from, message }) => {
          const before = (files[file] ?? '').slice(0, from).split('\n')
          const place = { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
          return (
            <li key={`${file} ${from} ${message}`}>
              <button type="button" className="link font-mono text-sm" onClick={() => onJump(place)}>
                {file}:{place.line}
              </button>{' '}
              <Untrusted text={message} lines={3} />
            </li>
          )
        })}
        {all.length > MAX_SHOWN && <li className="text-soft">and {all.length - MAX_SHOWN} more</li>}
      </ul>
    </details>
  )
}
