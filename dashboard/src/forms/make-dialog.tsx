import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { faultsOf } from '../api.ts'
import { Button } from '../components/button.tsx'
import { Dialog, DialogActions } from '../components/dialog.tsx'
import { ProblemNote } from '../components/error-state.tsx'
import { SecretOnce } from '../components/secret-once.tsx'

/** What a form in a {@link MakeDialog} is given. */
export interface MakeFormProps {
  /** JSON Pointer of a field -> what is wrong with it. */
  fields: ReadonlyMap<string, string>
  problem: unknown
  busy: boolean
  onSubmit: (body: object) => void
  onCancel: () => void
}

interface MakeDialogProps<T> {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  /** The title once it is made, and what the secret is called there: "the token". */
  madeTitle: string
  what: string
  make: (body: object) => Promise<T>
  onMade: (made: T) => unknown
  /** Undefined for what was made without a secret: then the dialog closes. */
  secretOf: (made: T) => string | undefined
  /** Under the secret. */
  note?: (made: T) => ReactNode
  children: (form: MakeFormProps) => ReactNode
}

/** Makes something whose secret is shown once: a form, then the secret, which is forgotten when the dialog closes. */
export function MakeDialog<T>({ open, onOpenChange, title, madeTitle, what, make, onMade, secretOf, note, children }: MakeDialogProps<T>) {
  const creation = useMutation({
    mutationFn: make,
    onSuccess: async (made) => {
      await onMade(made)
      if (secretOf(made) === undefined) change(false)
    },
  })
  const change = (next: boolean) => {
    if (!next) creation.reset() // and with it the secret
    onOpenChange(next)
  }
  const made = creation.data
  const secret = made && secretOf(made)
  return (
    <Dialog open={open} onOpenChange={change} title={secret ? madeTitle : title}>
      {made && secret ? (
        <>
          <SecretOnce secret={secret} what={what} />
          {note && <div className="mt-3 text-soft">{note(made)}</div>}
          <DialogActions>
            <Button onClick={() => change(false)}>Done</Button>
          </DialogActions>
        </>
      ) : (
        children({
          problem: creation.error,
          fields: faultsOf(creation.error),
          busy: creation.isPending,
          onSubmit: creation.mutate,
          onCancel: () => change(false),
        })
      )}
    </Dialog>
  )
}

interface DialogFormProps extends Pick<MakeFormProps, 'problem' | 'busy' | 'onCancel'> {
  /** Those the form shows the faults of itself. */
  fields?: MakeFormProps['fields']
  /** A verb and what it makes. */
  action: string
  onSubmit: () => void
  children: ReactNode
}

/** The form of a dialog: what was wrong with it as a whole, and its two buttons. */
export function DialogForm({ problem, fields, busy, action, onSubmit, onCancel, children }: DialogFormProps) {
  return (
    <form
      className="mt-3 grid gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        onSubmit()
      }}
    >
      {children}
      {problem != null && !fields?.size && <ProblemNote problem={problem} />}
      <DialogActions>
        <Button kind="secondary" onClick={onCancel}>
          Cancel
        </Button>
        <Button type="submit" busy={busy}>
          {action}
        </Button>
      </DialogActions>
    </form>
  )
}
