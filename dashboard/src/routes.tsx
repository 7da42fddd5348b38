import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  type ErrorComponentProps,
  lazyRouteComponent,
  redirect,
  useRouter,
} from '@tanstack/react-router'
import {
  Activity,
  AppWindow,
  Bot,
  CodeXml,
  FileText,
  Fingerprint,
  FlaskConical,
  Gauge,
  History,
  KeyRound,
  type LucideIcon,
  ScrollText,
  Server,
  Settings,
  ShieldCheck,
  Users,
} from 'lucide-react'
import type { RoleName, VersionSummaryBody } from '../../protocol/api.ts'
import { ApiProblem } from './api.ts'
import { ErrorState } from './components/error-state.tsx'
import { Skeleton } from './components/loaded.tsx'
import { NotFound } from './components/not-found.tsx'
import { ACCESS_TABS, type AccessTab } from './features/access/access-tabs.ts'
import { meQuery } from './features/account/queries.ts'
import { parseActivitySearch } from './features/activity/activity-search.ts'
import { parseAuditSearch } from './features/audit/audit-search.ts'
import { parseToolsSearch } from './features/playground/search.ts'
import { lastTenant, rememberTenant } from './shell/last-tenant.ts'
import { ServerShell } from './shell/server-shell.tsx'
import { Shell } from './shell/shell.tsx'

/**
 * All pages and paths. Pages with a `nav` entry appear in the navigation, in this order. A
 * page is loaded when it is opened.
 */
declare module '@tanstack/react-router' {
  interface StaticDataRouteOption {
    /**
     * `role`: the lowest role that can use the page. `source`: hidden for a server of a different
     * source.
     */
    nav?: { label: string; icon: LucideIcon; role?: RoleName; source?: VersionSummaryBody['source'] }
  }
  interface Register {
    router: ReturnType<typeof createAppRouter>
  }
}

/**
 * Loads a page on demand. Without a connection it shows an error, because the router would reload
 * the document.
 */
const pageOf: typeof lazyRouteComponent = (load, name) =>
  lazyRouteComponent(async () => {
    try {
      return await load()
    } catch (cause) {
      throw navigator.onLine ? cause : new ApiProblem(0, 'No connection', 'The page could not be loaded.')
    }
  }, name)

const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  beforeLoad: async ({ context }) => ({ me: await context.queryClient.ensureQueryData(meQuery()) }),
  component: Shell,
})

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: ({ context: { me } }) => {
    const tenant = lastTenant(me.tenants)
    throw tenant
      ? redirect({ to: '/t/$tenant', params: { tenant: tenant.slug }, replace: true })
      : redirect({ to: '/welcome', replace: true })
  },
})

const tenant = createRoute({
  getParentRoute: () => root,
  path: 't/$tenant',
  beforeLoad: ({ params }) => rememberTenant(params.tenant),
})

const server = createRoute({ getParentRoute: () => tenant, path: 's/$server', component: ServerShell })

/** `?first=true`: the user is on the way from sign-up to a first hosted server. */
const firstOnly = (search: Record<string, unknown>): { first?: true } => (search['first'] === true ? { first: true } : {})

const ownPages = [
  createRoute({
    getParentRoute: () => root,
    path: 'welcome',
    component: pageOf(() => import('./features/tenants/new-tenant-page.tsx'), 'NewTenantPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: 'apps',
    staticData: { nav: { label: 'Connected apps', icon: AppWindow } },
    component: pageOf(() => import('./features/apps/apps-page.tsx'), 'AppsPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    path: 'account',
    staticData: { nav: { label: 'Account', icon: KeyRound } },
    component: pageOf(() => import('./features/account/account-page.tsx'), 'AccountPage'),
  }),
  createRoute({
    getParentRoute: () => root,
    // also in protocol/oauth/dashboard-client.ts
    path: 'oauth/callback',
    component: pageOf(() => import('./features/playground/oauth-callback-page.tsx'), 'OAuthCallbackPage'),
  }),
]

const tenantPages = [
  createRoute({
    getParentRoute: () => tenant,
    path: '/',
    staticData: { nav: { label: 'Servers', icon: Server } },
    component: pageOf(() => import('./features/servers/servers-page.tsx'), 'ServersPage'),
  }),
  createRoute({
    getParentRoute: () => tenant,
    path: 'new',
    /** `from`: the chosen starting point. */
    validateSearch: (search: Record<string, unknown>): { first?: true; from?: string } => {
      const { from } = search
      return { ...firstOnly(search), ...(typeof from === 'string' && from.length <= 100 ? { from } : {}) }
    },
    component: pageOf(() => import('./features/servers/new/new-server-page.tsx'), 'NewServerPage'),
  }),
  createRoute({
    getParentRoute: () => tenant,
    path: 'people',
    staticData: { nav: { label: 'People', icon: Users } },
    component: pageOf(() => import('./features/people/people-page.tsx'), 'PeoplePage'),
  }),
  createRoute({
    getParentRoute: () => tenant,
    path: 'clients',
    staticData: { nav: { label: 'Clients', icon: Bot, role: 'developer' } },
    component: pageOf(() => import('./features/clients/clients-page.tsx'), 'ClientsPage'),
  }),
  createRoute({
    getParentRoute: () => tenant,
    path: 'identity-providers',
    staticData: { nav: { label: 'Identity providers', icon: Fingerprint, role: 'admin' } },
    component: pageOf(() => import('./features/identity-providers/identity-providers-page.tsx'), 'IdentityProvidersPage'),
  }),
  createRoute({
    getParentRoute: () => tenant,
    path: 'audit',
    staticData: { nav: { label: 'Audit', icon: ScrollText, role: 'admin' } },
    validateSearch: parseAuditSearch,
    component: pageOf(() => import('./features/audit/audit-page.tsx'), 'AuditPage'),
  }),
  createRoute({
    getParentRoute: () => tenant,
    path: 'settings',
    staticData: { nav: { label: 'Settings', icon: Settings } },
    component: pageOf(() => import('./features/tenants/tenant-settings-page.tsx'), 'TenantSettingsPage'),
  }),
]

const serverPages = [
  createRoute({
    getParentRoute: () => server,
    path: '/',
    validateSearch: firstOnly,
    staticData: { nav: { label: 'Overview', icon: Gauge } },
    component: pageOf(() => import('./features/servers/overview/overview-page.tsx'), 'OverviewPage'),
  }),
  createRoute({
    getParentRoute: () => server,
    path: 'code',
    staticData: { nav: { label: 'Code', icon: CodeXml, role: 'developer', source: 'code' } },
    /**
     * `version`: opens the sources of a version. `blank`: starts with a minimal server if there are
     * no sources.
     */
    validateSearch: (search: Record<string, unknown>): { version?: number; blank?: true } => {
      const version = versionOf(search['version'])
      return { ...(version === undefined ? {} : { version }), ...(search['blank'] === true ? { blank: true } : {}) }
    },
    component: pageOf(() => import('./features/code/code-page.tsx'), 'CodePage'),
  }),
  createRoute({
    getParentRoute: () => server,
    path: 'content',
    staticData: { nav: { label: 'Content', icon: FileText, role: 'developer', source: 'static' } },
    /** `version`: opens the prompts and documents of a version. */
    validateSearch: (search: Record<string, unknown>): { version?: number } => {
      const version = versionOf(search['version'])
      return version === undefined ? {} : { version }
    },
    component: pageOf(() => import('./features/content/content-page.tsx'), 'ContentPage'),
  }),
  createRoute({
    getParentRoute: () => server,
    path: 'versions',
    staticData: { nav: { label: 'Versions', icon: History } },
    component: pageOf(() => import('./features/versions/versions-page.tsx'), 'VersionsPage'),
  }),
  createRoute({
    getParentRoute: () => server,
    path: 'versions/compare',
    validateSearch: (search: Record<string, unknown>): { from?: number; to?: number } => {
      const [from, to] = [versionOf(search['from']), versionOf(search['to'])]
      return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
    },
    component: pageOf(() => import('./features/versions/compare/compare-page.tsx'), 'ComparePage'),
  }),
  createRoute({
    getParentRoute: () => server,
    path: 'versions/$number',
    component: pageOf(() => import('./features/versions/version-page.tsx'), 'VersionPage'),
  }),
  createRoute({
    getParentRoute: () => server,
    path: 'tools',
    staticData: { nav: { label: 'Playground', icon: FlaskConical } },
    validateSearch: parseToolsSearch,
    component: pageOf(() => import('./features/playground/playground-page.tsx'), 'PlaygroundPage'),
  }),
  createRoute({
    getParentRoute: () => server,
    path: 'access',
    staticData: { nav: { label: 'Access', icon: ShieldCheck } },
    validateSearch: ({ tab }): { tab?: AccessTab } => {
      const known = ACCESS_TABS.find((each) => each === tab)
      return known ? { tab: known } : {}
    },
    component: pageOf(() => import('./features/access/access-page.tsx'), 'AccessPage'),
  }),
  createRoute({
    getParentRoute: () => server,
    path: 'activity',
    staticData: { nav: { label: 'Activity', icon: Activity } },
    validateSearch: parseActivitySearch,
    component: pageOf(() => import('./features/activity/activity-page.tsx'), 'ActivityPage'),
  }),
  createRoute({
    getParentRoute: () => server,
    path: 'settings',
    staticData: { nav: { label: 'Settings', icon: Settings } },
    component: pageOf(() => import('./features/servers/settings/server-settings-page.tsx'), 'ServerSettingsPage'),
  }),
]

/** Parses the number of a version in the query string. */
function versionOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 1_000_000_000 ? value : undefined
}

function PageFailure({ error, reset }: ErrorComponentProps) {
  const router = useRouter()
  const retry = async () => {
    await router.invalidate() // also reloads the code of the page
    reset()
  }
  return <ErrorState problem={error} onRetry={() => void retry()} isPage />
}

export function createAppRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree: root.addChildren([home, ...ownPages, tenant.addChildren([...tenantPages, server.addChildren(serverPages)])]),
    basepath: '/dashboard',
    context: { queryClient },
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0, // the query cache decides what is fresh
    scrollRestoration: true,
    defaultPendingComponent: () => <Skeleton lines={6} />,
    defaultErrorComponent: PageFailure,
    defaultNotFoundComponent: NotFound,
  })
}
