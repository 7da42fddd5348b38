import { OctagonX } from 'lucide-react'
import type { TenantBody } from '../../../../protocol/api.ts'
import { RelativeTime } from '../../components/relative-time.tsx'
import { Untrusted } from '../../components/untrusted.tsx'

/** Says why the operator has stopped the tenant, on every page of the tenant. */
export function SuspendedBanner({ tenant }: { tenant: TenantBody }) {
  if (!tenant.suspended) return null
  const { since, why } = tenant.suspended
  return (
    <section aria-label="Tenant suspended" className="mb-6 rounded-xl border border-bad bg-sheet p-4 shadow-card">
      <p className="flex items-center gap-2 font-bold">
        <OctagonX aria-hidden className="size-5 shrink-0 text-bad" /> This tenant is suspended
      </p>
      <p className="mt-1 [overflow-wrap:anywhere]">
        The operator of this platform suspended {tenant.slug} <RelativeTime at={since} />: <Untrusted text={why} />
      </p>
      <p className="mt-1 text-soft">
        Its servers answer no calls, and nothing can be changed or deployed. Nothing is deleted. Contact the operator to continue.
      </p>
    </section>
  )
}
