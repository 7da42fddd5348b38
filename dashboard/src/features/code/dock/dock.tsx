import type { LucideIcon } from 'lucide-react'
import { Tabs as Radix } from 'radix-ui'
import type { ReactNode } from 'react'

export interface DockPanel<T extends string> {
  value: T
  label: string
  icon: LucideIcon
  /** Number beside the label, in red if it counts errors. */
  count?: number
  isError?: boolean
  content: ReactNode
}

interface DockProps<T extends string> {
  panels: readonly DockPanel<T>[]
  value: T
  onChange: (value: T) => void
}

/**
 * Panels beside the editor, one visible at a time. A hidden panel stays mounted, because the page
 * header submits its form.
 */
export function Dock<T extends string>({ panels, value, onChange }: DockProps<T>) {
  return (
    <Radix.Root
      value={value}
      onValueChange={(chosen) => {
        const panel = panels.find((each) => each.value === chosen)
        if (panel) onChange(panel.value)
      }}
      className="flex h-full min-h-0 flex-col"
    >
      <Radix.List
        aria-label="Panels"
        className="strip flex shrink-0 gap-1 border-b border-line bg-[color-mix(in_oklab,var(--sheet),var(--ground)_50%)] px-2"
      >
        {panels.map(({ value: each, label, icon: Icon, count, isError = false }) => (
          <Radix.Trigger
            key={each}
            value={each}
            className="flex min-h-10 shrink-0 items-center gap-2 border-b-2 border-transparent px-3 text-sm font-medium text-soft hover:text-ink focus-visible:outline-offset-[-3px] data-[state=active]:border-accent data-[state=active]:text-ink"
          >
            <Icon aria-hidden className="size-4" />
            {label}
            {count !== undefined && (
              <span
                className={`rounded-md px-1.5 text-xs leading-5 font-semibold tabular-nums ${isError && count > 0 ? 'bg-bad-ground text-bad' : 'bg-ground text-soft'}`}
              >
                {count}
              </span>
            )}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {panels.map(({ value: each, content }) => (
        <Radix.Content
          key={each}
          value={each}
          forceMount
          hidden={each !== value}
          className="min-h-0 flex-1 overflow-y-auto p-4 focus-visible:outline-offset-[-3px]"
        >
          {content}
        </Radix.Content>
      ))}
    </Radix.Root>
  )
}
