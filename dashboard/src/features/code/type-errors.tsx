import { Button } from '../../components/button.tsx'
import { Dialog, DialogActions } from '../../components/dialog.tsx'
import { ProblemNote } from '../../components/error-state.tsx'
import { Untrusted } from '../../components/untrusted.tsx'
import { typeErrorCount } from '../deploy/outcome.ts'
import { PlaceButton } from '../deploy/place-button.tsx'
import type { Place } from '../deploy/places.ts'
import type { SourceDiagnostic } from './editor/language-service.ts'

const MAX_SHOWN = 50
const MAX_IN_DIALOG = 5

type TypeError = SourceDiagnostic & { file: string }

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
  const all = typeErrorsIn(found)
  if (all.length === 0) return <p className="text-sm text-soft">TypeScript: no errors.</p>
  return (
    <div className="grid gap-3">
      <p className="font-semibold">
        TypeScript: {all.length} {all.length === 1 ? 'error' : 'errors'}
        <span className="font-normal text-soft"> (a deploy asks before the version goes live)</span>
      </p>
      <TypeErrorList errors={all} files={files} max={MAX_SHOWN} onJump={onJump} />
    </div>
  )
}

/** Errors of all files. Suggestions and notes stay in the editor. */
function typeErrorsIn(found: Readonly<Record<string, SourceDiagnostic[]>>): TypeError[] {
  return Object.entries(found).flatMap(([file, list]) =>
    list.filter(({ severity }) => severity === 'error').map((diagnostic) => ({ file, ...diagnostic })),
  )
}

interface TypeErrorListProps {
  errors: readonly TypeError[]
  files: Readonly<Record<string, string>>
  max: number
  onJump: (place: Place) => void
}

function TypeErrorList({ errors, files, max, onJump }: TypeErrorListProps) {
  return (
    <ul aria-label="Type errors" className="grid gap-2">
      {errors.slice(0, max).map(({ file, from, message }) => {
        const before = (files[file] ?? '').slice(0, from).split('\n')
        const place = { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
        return (
          <li key={`${file} ${from} ${message}`}>
            <PlaceButton place={place} onJump={onJump} /> <Untrusted text={message} lines={3} />
          </li>
        )
      })}
      {errors.length > max && <li className="text-soft">and {errors.length - max} more</li>}
    </ul>
  )
}

interface TypeErrorsDialogProps extends Pick<TypeErrorsProps, 'files' | 'onJump'> {
  found: Readonly<Record<string, SourceDiagnostic[]>>
  count: number | undefined
  onAnswer: (choice: 'activate' | 'keep' | 'cancel') => void
}

/** Asks before sources with type errors go live. */
export function TypeErrorsDialog({ found, count, files, onJump, onAnswer }: TypeErrorsDialogProps) {
  const errors = typeErrorsIn(found)
  return (
    <Dialog
      open
      onOpenChange={() => onAnswer('cancel')}
      title={`Deploy with ${typeErrorCount(count) ?? 'type errors'}?`}
      description="The code can run, but a tool can fail where the types do not fit. Clients use an active version from their next request."
    >
      <TypeErrorList
        errors={errors}
        files={files}
        max={MAX_IN_DIALOG}
        onJump={(place) => {
          onAnswer('cancel')
          // the closing dialog first returns the focus to its opener
          requestAnimationFrame(() => setTimeout(() => onJump(place)))
        }}
      />
      <DialogActions>
        <Button kind="secondary" onClick={() => onAnswer('cancel')}>
          Cancel
        </Button>
        <Button kind="secondary" onClick={() => onAnswer('keep')}>
          Deploy without activating
        </Button>
        <Button kind="danger" onClick={() => onAnswer('activate')}>
          Deploy and activate
        </Button>
      </DialogActions>
    </Dialog>
  )
}
