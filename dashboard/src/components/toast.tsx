import { X } from 'lucide-react'
import { Toast } from 'radix-ui'
import { useSyncExternalStore } from 'react'
import { IconButton } from './button.tsx'

interface Message {
  id: number
  text: string
  tone: 'good' | 'bad'
}

let messages: readonly Message[] = []
let lastId = 0
const listeners = new Set<() => void>()

function change(next: readonly Message[]): void {
  messages = next
  for (const listener of listeners) listener()
}

/** Shows a short confirmation. Errors that need an action are shown in place instead. */
export function toast(text: string, tone: Message['tone'] = 'good'): void {
  lastId += 1
  change([...messages.slice(-2), { id: lastId, text, tone }])
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
    <Toast.Provider duration={6000} swipeDirection="down">
      {shown.map(({ id, text, tone }) => (
        <Toast.Root
          key={id}
          onOpenChange={(open) => !open && change(messages.filter((message) => message.id !== id))}
          className={`flex items-center gap-3 rounded-xl border bg-raised py-1.5 pr-1.5 pl-4 shadow-over ${tone === 'bad' ? 'border-bad text-bad' : 'border-line'}`}
        >
          <Toast.Description className="min-w-0 flex-1 [overflow-wrap:anywhere]">{text}</Toast.Description>
          <Toast.Close asChild>
            <IconButton icon={X} label="Dismiss" />
          </Toast.Close>
        </Toast.Root>
      ))}
      <Toast.Viewport className="fixed right-3 bottom-3 z-50 grid w-[calc(100%-1.5rem)] max-w-sm gap-2" />
    </Toast.Provider>
  )
}
