import { ChevronRight } from 'lucide-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { Untrusted } from '../../../components/untrusted.tsx'

interface DescriptionProps {
  title: string
  /** Name in the protocol, if different from the title. */
  name: string
  text: string | undefined
  children?: ReactNode
}

/** Title and description of an item. Takes the focus when the item is selected. */
export function Description({ title, name, text, children }: DescriptionProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  const isFirst = useRef(true)
  useEffect(() => {
    if (!isFirst.current) heading.current?.focus()
    isFirst.current = false
  }, [name])
  return (
    <header className="grid grid-cols-1 gap-3">
      <div>
        <h2 ref={heading} tabIndex={-1} className="text-xl font-bold [overflow-wrap:anywhere]">
          <Untrusted text={title} lines={3} />
        </h2>
        {name !== title && (
          <code className="text-soft">
            <Untrusted text={name} lines={3} />
          </code>
        )}
      </div>
      {children}
      {text !== undefined && text !== '' ? (
        <div
          className="max-h-80 max-w-prose overflow-y-auto"
          {...(text.length > 800 ? { tabIndex: 0, role: 'group', 'aria-label': 'Description' } : {})}
        >
          <Untrusted text={text} multiline />
        </div>
      ) : (
        <p className="text-soft">No description. Models see only the name.</p>
      )}
    </header>
  )
}

export function Details({ summary, children }: { summary: string; children: ReactNode }) {
  return (
    <details className="group rounded-xl border border-line bg-sheet">
      <summary className="flex min-h-11 items-center gap-2 px-4 py-2 font-semibold">
        <ChevronRight aria-hidden className="size-4 shrink-0 transition-transform group-open:rotate-90" />
        {summary}
      </summary>
      <div className="border-t border-line p-4">{children}</div>
    </details>
  )
}
