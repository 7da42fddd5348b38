import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import { type FormEvent, type ReactNode, useRef, useState } from 'react'
import { Button, IconButton } from './button.tsx'
import { ProblemNote } from './error-state.tsx'
import { Field, TextInput } from './field.tsx'

interface DialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  description?: ReactNode
  /** Escape does not close the dialog, because the dialog shows a secret that is shown once. */
  keepOnEscape?: boolean
  children: ReactNode
}

export function Dialog({ open, onOpenChange, title, description, keepOnEscape = false, children }: DialogProps) {
  const opener = useRef<Element>(null)
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 grid animate-[fade_120ms_ease-out] overflow-y-auto bg-[rgb(3_20_24/0.55)] backdrop-blur-[2px] p-3 sm:p-6">
          <Radix.Content
            {...(description ? {} : { 'aria-describedby': undefined })}
            onCloseAutoFocus={(event) => {
              // Radix restores the focus to its own trigger only, but any button can open these
              // dialogs
              event.preventDefault()
              const { current } = opener
              // the opening button is gone if the dialog deleted the row
              if (current instanceof HTMLElement && current.isConnected) current.focus()
              else document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true })
            }}
            onEscapeKeyDown={(event) => keepOnEscape && event.preventDefault()}
            // a click outside must not discard typed text or a secret
            onInteractOutside={(event) => event.preventDefault()}
            onOpenAutoFocus={(event) => {
              opener.current = document.activeElement
              // a loading dialog has no control but Close, so the dialog itself takes the focus
              const { currentTarget: dialog } = event
              if (!(dialog instanceof HTMLElement) || dialog.querySelectorAll('button, input, select, textarea, a[href]').length > 1) return
              event.preventDefault()
              dialog.focus()
            }}
            className="relative m-auto w-full max-w-lg rounded-2xl border border-line bg-raised p-5 shadow-over sm:p-6"
          >
            <Radix.Title className="mb-1 pr-10 text-xl font-bold [overflow-wrap:anywhere]">{title}</Radix.Title>
            {description && (
              <Radix.Description asChild>
                <div className="mb-4 text-soft [overflow-wrap:anywhere]">{description}</div>
              </Radix.Description>
            )}
            {children}
            <Radix.Close asChild>
              <IconButton icon={X} label="Close" className="absolute! top-3 right-3" />
            </Radix.Close>
          </Radix.Content>
        </Radix.Overlay>
      </Radix.Portal>
    </Radix.Root>
  )
}

export function DialogActions({ children }: { children: ReactNode }) {
  return <div className="mt-6 flex flex-wrap justify-end gap-2">{children}</div>
}

interface ConfirmDialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  title: string
  /** Consequences of the action. */
  children: ReactNode
  /** Label of the button, such as "Delete item". */
  action: string
  /** Name to type before an irreversible action. */
  typeName?: string
  onConfirm: () => Promise<unknown>
}

/** Asks for confirmation. Stays open with the error if the action fails. */
export function ConfirmDialog({ open, onOpenChange, title, children, action, typeName, onConfirm }: ConfirmDialogProps) {
  const [typed, setTyped] = useState('')
  const [problem, setProblem] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  const ready = typeName === undefined || typed.trim() === typeName
  const change = (next: boolean) => {
    if (busy) return
    setTyped('')
    setProblem(undefined)
    onOpenChange(next)
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (!ready || busy) return
    setBusy(true)
    setProblem(undefined)
    try {
      await onConfirm()
      setTyped('')
      onOpenChange(false)
    } catch (error) {
      setProblem(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog open={open} onOpenChange={change} title={title} description={children}>
      <form onSubmit={(event) => void submit(event)} className="grid gap-4">
        {typeName !== undefined && (
          <Field label={`Type ${typeName} to confirm`}>
            <TextInput
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
            />
          </Field>
        )}
        {problem !== undefined && <ProblemNote problem={problem} />}
        <DialogActions>
          <Button kind="secondary" onClick={() => change(false)}>
            Cancel
          </Button>
          <Button kind="danger" type="submit" busy={busy} disabled={!ready}>
            {action}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  )
}
