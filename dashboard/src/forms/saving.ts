import { useMutation } from '@tanstack/react-query'
import type { SubmitEvent } from 'react'
import { faultsOf } from '../api.ts'
import { toast } from '../components/toast.tsx'
import { useChanges } from './changes.ts'

export interface Saving<T extends object> {
  /** Of its own on the page, for {@link useChanges}. */
  name: string
  saved: T
  /** Sends what was changed; `values` are all the form shows. */
  send: (changed: Partial<T>, values: T) => Promise<unknown>
  /** Gets anew what shows it. */
  refresh: () => Promise<unknown>
  /** What is said then. */
  done: string
}

/**
 * A form that is saved as a whole: its values, what there is to say of them, and what its submit does. What was left as it stood is not sent: somebody else
 * may have changed it since.
 */
export function useSaving<T extends object>({ name, saved, send, refresh, done }: Saving<T>) {
  const { values, changed, isChanged, change, settle } = useChanges(name, saved)
  const saving = useMutation({
    mutationFn: (sent: Partial<T>) => send(sent, values),
    onSuccess: async (_, sent) => {
      await refresh()
      settle(sent)
      toast(done)
    },
  })
  return {
    values,
    change,
    /** JSON Pointer of a field -> what is wrong with it. */
    fields: faultsOf(saving.error),
    problem: saving.error,
    /** What was last sent. */
    sent: saving.variables,
    /** For {@link SaveButton}. */
    state: { busy: saving.isPending, isChanged },
    submit: (event: SubmitEvent) => {
      event.preventDefault()
      if (isChanged) saving.mutate(changed)
      else toast('Nothing was changed.')
    },
  }
}
