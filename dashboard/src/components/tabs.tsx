import { Tabs as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { useChosenInSight } from './chosen-in-sight.ts'

const UNDERLINED =
  'border-b-2 border-transparent text-soft hover:text-ink focus-visible:outline-offset-[-3px] data-[state=active]:border-accent data-[state=active]:font-semibold data-[state=active]:text-ink'
const PILL =
  'rounded-lg border border-line text-sm font-medium hover:border-edge data-[state=active]:border-accent data-[state=active]:bg-accent-ground data-[state=active]:text-accent'

/** Tabs within one page. Navigation between pages uses links instead. */
export function Tabs<T extends string>({
  label,
  tabs,
  value,
  onChange,
  wrap = false,
}: {
  label: string
  tabs: readonly { value: T; label: ReactNode; content: ReactNode }[]
  value: T
  onChange: (value: T) => void
  /** Wraps the tabs to several rows instead of scrolling. */
  wrap?: boolean
}) {
  const strip = useChosenInSight<HTMLDivElement>(value)
  return (
    <Radix.Root
      value={value}
      onValueChange={(chosen) => {
        const tab = tabs.find((each) => each.value === chosen)
        if (tab) onChange(tab.value)
      }}
    >
      <Radix.List ref={strip} aria-label={label} className={`flex gap-1 ${wrap ? 'flex-wrap gap-1.5' : 'strip border-b border-line'}`}>
        {tabs.map((tab) => (
          <Radix.Trigger
            key={tab.value}
            value={tab.value}
            className={`shrink-0 px-3 py-1 ${wrap ? `min-h-8 ${PILL}` : `min-h-10 ${UNDERLINED}`}`}
          >
            {tab.label}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map((tab) => (
        <Radix.Content key={tab.value} value={tab.value} className="pt-4">
          {tab.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  )
}
