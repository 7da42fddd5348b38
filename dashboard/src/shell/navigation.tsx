import { Link, useLocation, useRouter } from '@tanstack/react-router'
import type { LucideIcon } from 'lucide-react'
import type { RoleName, VersionSummaryBody } from '../../../protocol/api.ts'
import { useChosenInSight } from '../components/chosen-in-sight.ts'
import { isAtLeast } from '../features/people/role.ts'

export interface NavItem {
  to: string
  label: string
  icon: LucideIcon
  /** Source that the page edits. Undefined if the page suits any source. */
  source: VersionSummaryBody['source'] | undefined
}

/**
 * Child pages of a route with a `nav` entry, in the order of routes.tsx, without pages that need a
 * higher role.
 */
export function useNavigation(parent: string, own: RoleName = 'viewer'): NavItem[] {
  const { routesById } = useRouter()
  return Object.values(routesById).flatMap((route) => {
    const { nav } = route.options.staticData ?? {}
    if (!nav || route.parentRoute?.id !== parent || !isAtLeast(own, nav.role ?? 'viewer')) return []
    return [{ to: route.fullPath, label: nav.label, icon: nav.icon, source: nav.source }]
  })
}

/** An entry of the side bar. */
export const SIDE =
  'flex min-h-9 items-center gap-3 rounded-lg px-3 py-1 text-ink no-underline transition-colors hover:bg-[color-mix(in_oklab,var(--ground),var(--ink)_9%)] data-[status=active]:bg-accent-ground data-[status=active]:font-semibold data-[status=active]:text-accent pointer-coarse:min-h-11'

interface NavLinksProps {
  items: readonly NavItem[]
  params?: Record<string, string>
  onNavigate?: (() => void) | undefined
}

/**
 * Vertical links. The first link matches the exact path only, because all other paths start with
 * the path of the first link.
 */
export function SideLinks({ items, params = {}, onNavigate }: NavLinksProps) {
  return (
    <ul className="grid gap-0.5">
      {items.map(({ to, label, icon: Icon }, index) => (
        <li key={to}>
          <Link to={to} params={params} className={SIDE} activeOptions={{ exact: index === 0, includeSearch: false }} onClick={onNavigate}>
            <Icon aria-hidden className="size-4.5 shrink-0" />
            {label}
          </Link>
        </li>
      ))}
    </ul>
  )
}

/** Horizontal links, scrollable on narrow screens. */
export function StripLinks({ items, params = {} }: NavLinksProps) {
  const strip = useChosenInSight<HTMLUListElement>(useLocation().pathname)
  return (
    <ul ref={strip} className="-mx-4 flex gap-0.5 strip px-4 sm:mx-0 sm:px-0">
      {items.map(({ to, label, icon: Icon }, index) => (
        <li key={to} className="shrink-0">
          <Link
            to={to}
            params={params}
            activeOptions={{ exact: index === 0, includeSearch: false }}
            className="flex min-h-10 items-center gap-2 border-b-2 border-transparent px-3 text-soft no-underline hover:text-ink focus-visible:outline-offset-[-3px] data-[status=active]:border-accent data-[status=active]:font-semibold data-[status=active]:text-ink"
          >
            <Icon aria-hidden className="size-4 shrink-0 max-xl:hidden" />
            {label}
          </Link>
        </li>
      ))}
    </ul>
  )
}
