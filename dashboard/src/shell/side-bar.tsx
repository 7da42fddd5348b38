import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { BookOpen, LogOut, Moon, Sun, SunMoon } from 'lucide-react'
import { Badge } from '../components/badge.tsx'
import { IconButton } from '../components/button.tsx'
import { Menu, MenuChoices } from '../components/menu.tsx'
import { setTheme, type Theme, useTheme } from '../components/theme.ts'
import { Untrusted } from '../components/untrusted.tsx'
import { meQuery } from '../features/account/queries.ts'
import { lastTenant } from './last-tenant.ts'
import { SIDE, SideLinks, useNavigation } from './navigation.tsx'
import { TenantSwitcher } from './tenant-switcher.tsx'

export function SideBar({ onNavigate }: { onNavigate?: () => void }) {
  const { data: me } = useQuery(meQuery())
  const { tenant: named } = useParams({ strict: false })
  const tenant = me?.tenants.find(({ slug }) => slug === named) ?? lastTenant(me?.tenants ?? [])
  const tenantPages = useNavigation('/t/$tenant', tenant?.role)
  const ownPages = useNavigation('__root__')
  return (
    <>
      <nav aria-label="Main" className="flex flex-col gap-7 pb-4">
        {me && tenant && (
          <div className="flex flex-col gap-3">
            <TenantSwitcher tenants={me.tenants} current={tenant} onNavigate={onNavigate} />
            <SideLinks items={tenantPages} params={{ tenant: tenant.slug }} onNavigate={onNavigate} />
          </div>
        )}
        <div className="grid gap-1">
          <p className="px-3 pb-1 text-[0.8125rem] font-medium text-soft">Your account</p>
          <SideLinks items={ownPages} onNavigate={onNavigate} />
        </div>
      </nav>
      {me && (
        <div className="mt-auto flex flex-col gap-2">
          <a href="/docs" target="_blank" rel="noreferrer" className={SIDE}>
            <BookOpen aria-hidden className="size-4.5 shrink-0" /> Docs
            <span className="sr-only"> in a new tab</span>
          </a>
          <div className="border-t border-line px-3 pt-3">
            <div className="flex flex-wrap items-center gap-2 font-semibold">
              <Untrusted text={me.user.name} /> {me.user.operator && <Badge tone="accent">Operator</Badge>}
            </div>
            <div className="truncate text-sm text-soft" title={me.user.email}>
              <Untrusted text={me.user.email} />
            </div>
          </div>
          <div className="flex items-center justify-between">
            <form method="post" action="/auth/sign-out">
              <button type="submit" className={SIDE}>
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
