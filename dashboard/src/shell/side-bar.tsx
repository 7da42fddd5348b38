import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { LogOut, Moon, Sun, SunMoon } from 'lucide-react'
import { Badge } from '../components/badge.tsx'
import { IconButton } from '../components/button.tsx'
import { Menu, MenuChoices } from '../components/menu.tsx'
import { setTheme, type Theme, useTheme } from '../components/theme.ts'
import { Untrusted } from '../components/untrusted.tsx'
import { meQuery } from '../features/account/queries.ts'
import { lastTenant } from './last-tenant.ts'
import { SideLinks, useNavigation } from './navigation.tsx'
import { TenantSwitcher } from './tenant-switcher.tsx'

export function SideBar({ onNavigate }: { onNavigate?: () => void }) {
  const { data: me } = useQuery(meQuery())
  const { tenant: named } = useParams({ strict: false })
  const tenant = me?.tenants.find(({ slug }) => slug === named) ?? lastTenant(me?.tenants ?? [])
  const tenantPages = useNavigation('/t/$tenant', tenant?.role)
  const ownPages = useNavigation('__root__')
  return (
    <>
      <nav aria-label="Main" className="flex flex-col gap-6 pb-4">
        {me && tenant && (
          <div className="flex flex-col gap-2">
            <TenantSwitcher tenants={me.tenants} current={tenant} onNavigate={onNavigate} />
            <SideLinks items={tenantPages} params={{ tenant: tenant.slug }} onNavigate={onNavigate} />
          </div>
        )}
        <div className="grid gap-1">
          <p className="px-3 text-sm text-soft">Your account</p>
          <SideLinks items={ownPages} onNavigate={onNavigate} />
        </div>
      </nav>
      {me && (
        <div className="mt-auto flex flex-col gap-2 border-t border-line pt-3">
          <div className="px-3">
            <div className="flex flex-wrap items-center gap-2 font-semibold">
              <Untrusted text={me.user.name} /> {me.user.operator && <Badge tone="accent">Operator</Badge>}
            </div>
            <div className="truncate text-sm text-soft" title={me.user.email}>
              <Untrusted text={me.user.email} />
            </div>
          </div>
          <div className="flex items-center justify-between">
            <form method="post" action="/auth/sign-out">
              <button
                type="submit"
                className="flex min-h-10 items-center gap-3 rounded-lg px-3 py-1.5 hover:bg-[color-mix(in_oklab,var(--ground),var(--ink)_6%)]"
              >
                <LogOut aria-hidden className="size-4.5" /> Sign out
              </button>
            </form>
            <ThemeMenu />
          </div>
        </div>
      )}
    </>
  )
}

const THEMES = [
  { value: 'system', label: 'System' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
] as const
const THEME_ICONS: Record<Theme, typeof Sun> = { system: SunMoon, light: Sun, dark: Moon }

function ThemeMenu() {
  const theme = useTheme()
  return (
    <Menu align="end" trigger={<IconButton icon={THEME_ICONS[theme]} label="Theme" />}>
      <MenuChoices label="Theme" value={theme} options={THEMES} onChange={setTheme} />
    </Menu>
  )
}
