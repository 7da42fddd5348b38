import { useMutation } from '@tanstack/react-query'
import type { SubmitEvent } from 'react'
import { faultsOf } from '../api.ts'
import { toast } from '../components/toast.tsx'
import { useChanges } from './changes.ts'

export interface Saving<T extends object> {
  /** Name of the form, unique on the page, for {@link useChanges}. */
  name: string
  saved: T
  /** Sends the changed values. `values` has every value of the form. */
  send: (changed: Partial<T>, values: T) => Promise<unknown>
  /** Reloads queries with the saved values. */
  refresh: () => Promise<unknown>
  /** Toast after saving. */
  done: string
}

/**
 * State of a form with one Save button. Unchanged fields are not sent, because another user may
 * have changed them.
 */
export function useSaving<T extends object>({ name, saved, send, refresh, done }: Saving<T>) {
  const { values, changed, isChanged, change, markSaved } = useChanges(name, saved)
  const saving = useMutation({
    mutationFn: (sent: Partial<T>) => send(sent, values),
    onSuccess: async (_, sent) => {
      await refresh()
      markSaved(sent)
      toast(done)
    },
  })
  return {
    values,
    change,
    /** JSON Pointer of a field -> error. */
    fields: faultsOf(saving.error),
    problem: saving.error,
    /** Values of the last request. */
    sent: saving.variables,
    /** Props of {@link SaveButton}. */
    state: { busy: saving.isPending, isChanged },
    submit: (event: SubmitEvent) => {
      event.preventDefault()
      if (isChanged) saving.mutate(changed)
      else toast('No changes to save.')
    },
  }
}
