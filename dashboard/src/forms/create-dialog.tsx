import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { faultsOf } from '../api.ts'
import { Button } from '../components/button.tsx'
import { Dialog, DialogActions } from '../components/dialog.tsx'
import { ProblemNote } from '../components/error-state.tsx'
import { SecretOnce } from '../components/secret-once.tsx'

/** Props of a form inside a {@link CreateDialog}. */
export interface CreateFormProps {
  /** JSON Pointer of a field -> error. */
  fields: ReadonlyMap<string, string>
  problem: unknown
  busy: boolean
  onSubmit: (body: object) => void
  onCancel: () => void
}

interface CreateDialogProps<T> {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  /** Title after the creation. */
  createdTitle: string
  /** Name of the secret with the article, such as "the token". */
  secretName: string
  create: (body: object) => Promise<T>
  onCreated: (created: T) => unknown
  /** Undefined if there is no secret to show; the dialog then closes. */
  secretOf: (created: T) => string | undefined
  /** Shown under the secret. */
  note?: (created: T) => ReactNode
  children: (form: CreateFormProps) => ReactNode
}

/** Shows a form, then the secret of the created item. Closing the dialog discards the secret. */
export function CreateDialog<T>({
  open,
  onOpenChange,
  title,
  createdTitle,
  secretName,
  create,
  onCreated,
  secretOf,
  note,
  children,
}: CreateDialogProps<T>) {
  const creation = useMutation({
    mutationFn: create,
    onSuccess: async (result) => {
      await onCreated(result)
      if (secretOf(result) === undefined) change(false)
    },
  })
  const change = (next: boolean) => {
    if (!next) creation.reset() // discards the secret
    onOpenChange(next)
  }
  const created = creation.data
  const secret = created && secretOf(created)
  return (
    <Dialog open={open} onOpenChange={change} title={secret ? createdTitle : title} keepOnEscape={Boolean(secret)}>
      {created && secret ? (
        <>
          <SecretOnce secret={secret} name={secretName} />
          {note && <div className="mt-3 text-soft">{note(created)}</div>}
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

interface DialogFormProps extends Pick<CreateFormProps, 'problem' | 'busy' | 'onCancel'> {
  /** Errors that the form shows beside the fields. */
  fields?: CreateFormProps['fields']
  /** Label of the submit button, such as "Create token". */
  action: string
  onSubmit: () => void
  children: ReactNode
}

/** A form in a dialog with the error note and two buttons. */
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
