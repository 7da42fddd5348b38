import { Button } from '../components/button.tsx'

interface SaveButtonProps {
  busy: boolean
  /** The form differs from the saved values. */
  isChanged: boolean
}

/**
 * Submit button with a note about unsaved changes. Never disabled, because a disabled button loses
 * the focus.
 */
export function SaveButton({ busy, isChanged }: SaveButtonProps) {
  return (
    <div className="flex flex-wrap items-center gap-3">
      <Button type="submit" kind={isChanged ? 'primary' : 'secondary'} busy={busy}>
        Save
      </Button>
      <p role="status" className="text-sm text-soft">
        {isChanged && 'Unsaved changes.'}
      </p>
    </div>
  )
}
