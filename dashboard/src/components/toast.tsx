import { X } from 'lucide-react'
import { Toast } from 'radix-ui'
import { useSyncExternalStore } from 'react'
import { IconButton } from './button.tsx'

interface Message {
  id: number
  text: string
  tone: 'good' | 'warn' | 'bad'
  action?: ToastAction | undefined
}

interface ToastAction {
  label: string
  onPress: () => void
}

const TONES = { good: 'border-line', warn: 'border-warn-ink text-warn-ink', bad: 'border-bad text-bad' }
const SHOWN_MS = 6_000
/** A toast that leads to a place stays long enough to be read and reached. */
const SHOWN_WITH_ACTION_MS = 15_000

let messages: readonly Message[] = []
let lastId = 0
const listeners = new Set<() => void>()

function change(next: readonly Message[]): void {
  messages = next
  for (const listener of listeners) listener()
}

/**
 * Shows a short confirmation. Errors that need an action are shown in place; a toast can lead to
 * that place.
 */
export function toast(text: string, tone: Message['tone'] = 'good', action?: ToastAction): void {
  lastId += 1
  change([...messages.slice(-2), { id: lastId, text, tone, action }])
}

function dismiss(id: number): void {
  change(messages.filter((message) => message.id !== id))
}

export function Toaster() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => messages,
  )
  return (
    <Toast.Provider duration={SHOWN_MS} swipeDirection="down">
      {shown.map(({ id, text, tone, action }) => (
        <Toast.Root
          key={id}
          duration={action ? SHOWN_WITH_ACTION_MS : SHOWN_MS}
          onOpenChange={(open) => !open && dismiss(id)}
          className={`flex items-center gap-3 rounded-xl border bg-raised py-1.5 pr-1.5 pl-4 shadow-over ${TONES[tone]}`}
        >
          <Toast.Description className="min-w-0 flex-1 [overflow-wrap:anywhere]">{text}</Toast.Description>
          {action && (
            <Toast.Action asChild altText={action.label}>
              <button type="button" onClick={action.onPress} className="link shrink-0 font-semibold">
                {action.label}
              </button>
            </Toast.Action>
          )}
          <Toast.Close asChild>
            <IconButton icon={X} label="Dismiss" />
          </Toast.Close>
        </Toast.Root>
      ))}
      <Toast.Viewport className="fixed right-3 bottom-3 z-50 grid w-[calc(100%-1.5rem)] max-w-sm gap-2" />
    </Toast.Provider>
  )
}
