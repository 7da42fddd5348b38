import { Link, useNavigate } from '@tanstack/react-router'
import { ChevronsUpDown, Plus } from 'lucide-react'
import type { TenantBody } from '../../../protocol/api.ts'
import { Menu, MenuChoices, MenuItem, MenuSeparator } from '../components/menu.tsx'
import { Untrusted } from '../components/untrusted.tsx'

interface TenantSwitcherProps {
  tenants: readonly TenantBody[]
  current: TenantBody
  onNavigate?: (() => void) | undefined
}

export function TenantSwitcher({ tenants, current, onNavigate }: TenantSwitcherProps) {
  const navigate = useNavigate()
  const trigger = (
    <button
      type="button"
      className="flex min-h-12 w-full items-center gap-3 rounded-xl border border-line bg-sheet px-2.5 py-1.5 text-left transition-colors hover:border-edge"
    >
      <span aria-hidden className="flex size-8 shrink-0 items-center justify-center rounded-lg bg-buoy font-extrabold text-deep">
        {initialOf(current.name)}
      </span>
      <span className="min-w-0 flex-1">
        <span className="sr-only">Tenant: </span>
        <span className="block truncate leading-5 font-semibold">
          <Untrusted text={current.name} />
        </span>
        <span className="block truncate text-[0.8125rem] leading-4 text-soft">{current.role}</span>
      </span>
      <ChevronsUpDown aria-hidden className="size-4 shrink-0 text-soft" />
    </button>
  )
  return (
    <Menu trigger={trigger}>
      <MenuChoices
        label="Tenants"
        value={current.slug}
        options={tenants.map(({ slug, name }) => ({ value: slug, label: name }))}
        onChange={(tenant) => {
          onNavigate?.()
          void navigate({ to: '/t/$tenant', params: { tenant } })
        }}
      />
      <MenuSeparator />
      <MenuItem asChild>
        <Link to="/welcome" onClick={onNavigate} className="text-ink no-underline">
          <Plus aria-hidden className="size-4" /> Create tenant
        </Link>
      </MenuItem>
    </Menu>
  )
}

function initialOf(name: string): string {
  return /[\p{L}\p{N}]/u.exec(name)?.[0].toUpperCase() ?? '·'
}
