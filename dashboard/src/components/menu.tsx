import { Check, type LucideIcon } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import type { ReactNode } from 'react'

/**
 * A button with a menu of {@link MenuItem}s, {@link MenuChoices}, or links in a `MenuItem asChild`.
 */
export function Menu({ trigger, align = 'start', children }: { trigger: ReactNode; align?: 'start' | 'end'; children: ReactNode }) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          sideOffset={6}
          collisionPadding={8}
          className="z-50 max-h-[min(24rem,var(--radix-dropdown-menu-content-available-height))] min-w-52 max-w-80 overflow-y-auto rounded-xl border border-line bg-raised p-1.5 shadow-over"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

const ITEM =
  'flex min-h-9 w-full items-center gap-2.5 rounded-lg px-2.5 py-1 pointer-coarse:min-h-11 text-left outline-none select-none data-highlighted:bg-accent-ground data-disabled:opacity-60'

interface MenuItemProps {
  icon?: LucideIcon
  danger?: boolean
  disabled?: boolean
  onSelect?: () => void
  /** The child, such as a link, becomes the item. */
  asChild?: boolean
  children: ReactNode
}

export function MenuItem({ icon: Icon, danger = false, disabled = false, onSelect, asChild = false, children }: MenuItemProps) {
  return (
    <DropdownMenu.Item
      asChild={asChild}
      disabled={disabled}
      {...(onSelect ? { onSelect } : {})}
      className={`${ITEM} ${danger ? 'text-bad' : ''}`}
    >
      {asChild ? (
        children
      ) : (
        <>
          {Icon && <Icon aria-hidden className="size-4 shrink-0" />}
          {children}
        </>
      )}
    </DropdownMenu.Item>
  )
}

/** A radio group in a menu. */
export function MenuChoices<T extends string>({
  label,
  value,
  onChange,
  options,
}: {
  label: string
  value: T
  onChange: (value: T) => void
  options: readonly { value: T; label: string }[]
}) {
  return (
    <>
      <DropdownMenu.Label className="px-2.5 py-1.5 text-sm text-soft">{label}</DropdownMenu.Label>
      <DropdownMenu.RadioGroup value={value} aria-label={label}>
        {options.map((option) => (
          <DropdownMenu.RadioItem key={option.value} value={option.value} onSelect={() => onChange(option.value)} className={ITEM}>
            <span className="size-4 shrink-0">
              <DropdownMenu.ItemIndicator>
                <Check aria-hidden className="size-4" />
              </DropdownMenu.ItemIndicator>
            </span>
            <span className="min-w-0 truncate">{option.label}</span>
          </DropdownMenu.RadioItem>
        ))}
      </DropdownMenu.RadioGroup>
    </>
  )
}

export function MenuSeparator() {
  return <DropdownMenu.Separator className="mx-2 my-1.5 border-t border-line" />
}
