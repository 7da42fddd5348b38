import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useParams, useRouter } from '@tanstack/react-router'
import { Menu as MenuIcon } from 'lucide-react'
import { Dialog } from 'radix-ui'
import { type ReactNode, useEffect, useState } from 'react'
import { IconButton } from '../components/button.tsx'
import { Loaded, Skeleton } from '../components/loaded.tsx'
import { tenantQuery } from '../features/tenants/queries.ts'
import { SuspendedBanner } from '../features/tenants/suspended-banner.tsx'
import { SideBar } from './side-bar.tsx'

/** Layout of every page: a side bar, or a top bar with a menu on narrow screens. */
export function Shell(): ReactNode {
  useFocusOnNavigation()
  const [open, setOpen] = useState(false)
  return (
    <>
      <a
        href="#main"
        className="fixed top-2 left-2 z-50 -translate-y-20 rounded-lg bg-accent px-4 py-2 font-semibold text-on-accent focus:translate-y-0"
      >
        Skip to content
      </a>
      <div className="lg:grid lg:grid-cols-[15.5rem_minmax(0,1fr)]">
        <header className="on-deep sticky top-0 z-30 flex items-center justify-between px-4 py-1.5 lg:hidden">
          <Brand />
          <Dialog.Root open={open} onOpenChange={setOpen}>
            <Dialog.Trigger asChild>
              <IconButton icon={MenuIcon} label="Navigation" />
            </Dialog.Trigger>
            <Dialog.Portal>
              <Dialog.Overlay className="fixed inset-0 z-40 bg-[rgb(3_20_24/0.55)] backdrop-blur-[2px]" />
              <Dialog.Content
                aria-describedby={undefined}
                className="on-deep fixed inset-y-0 left-0 z-40 flex w-72 max-w-[85vw] flex-col overflow-y-auto p-4 shadow-over"
              >
                <Dialog.Title className="sr-only">Navigation</Dialog.Title>
                <SideBar onNavigate={() => setOpen(false)} />
              </Dialog.Content>
            </Dialog.Portal>
          </Dialog.Root>
        </header>
        <header className="on-deep sticky top-0 hidden h-dvh flex-col overflow-y-auto px-3 py-4 lg:flex">
          <div className="mb-4 px-2 py-1">
            <Brand />
          </div>
          <SideBar />
        </header>
        <main id="main" tabIndex={-1} className="min-w-0 px-4 pt-5 pb-16 has-[[data-full-width]]:pb-4 sm:px-8 sm:pt-7">
          <div className="mx-auto max-w-[76rem] has-[[data-full-width]]:max-w-none">
            <KnownTenant>
              <Outlet />
            </KnownTenant>
          </div>
        </main>
      </div>
    </>
  )
}

function Brand() {
  return (
    <Link to="/" className="inline-flex min-h-9 items-center gap-2.5 text-[1.2rem] font-[750] tracking-[-0.02em] text-ink no-underline">
      <img src="/dashboard/icon.svg" alt="" className="size-8" />
      Wharf
    </Link>
  )
}

/** Shows a single error for an inaccessible tenant. */
function KnownTenant({ children }: { children: ReactNode }) {
  const { tenant } = useParams({ strict: false })
  const query = useQuery({ ...tenantQuery(tenant ?? ''), enabled: tenant !== undefined })
  if (tenant === undefined) return children
  return (
    <Loaded isPage query={query} skeleton={<Skeleton lines={6} />}>
      {(body) => (
        <>
          <SuspendedBanner tenant={body} />
          {children}
        </>
      )}
    </Loaded>
  )
}

/** Moves the focus to the heading of the new page, so screen readers announce the page. */
function useFocusOnNavigation(): void {
  const router = useRouter()
  useEffect(
    () =>
      router.subscribe('onRendered', ({ fromLocation, pathChanged }) => {
        if (!fromLocation || !pathChanged) return
        const main = document.getElementById('main')
        ;(main?.querySelector('h1') ?? main)?.focus({ preventScroll: true })
      }),
    [router],
  )
}
