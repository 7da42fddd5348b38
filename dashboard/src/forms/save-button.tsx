import { Button } from '../components/button.tsx'

interface SaveButtonProps {
  busy: boolean
  /** Something in the form is other than what is saved. */
  isChanged: boolean
}

/** At the foot of a form that is saved as a whole; it says when that is still to be done. Never disabled: once it is pressed it has the focus. */
export function SaveButton({ busy, isChanged }: SaveButtonProps) {
  return (
    <div className="flex flex-wrap items-center gap-3">
      <Button type="submit" busy={busy}>
        Save
      </Button>
      <p role="status" className="text-sm text-soft">
        {isChanged && 'Not saved yet.'}
      </p>
    </div>
  )
}
