import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { EmptyState } from '../../components/empty-state.tsx'
import { Skeleton } from '../../components/loaded.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { useMayDeploy } from './role.ts'

interface ForDevelopersProps {
  tenant: string
  /** Title of the page. */
  title: string
  context: string
  icon: LucideIcon
  /** Shown to a viewer in place of the page. */
  reason: string
  children: ReactNode
}

/** Shows a page to developers only. A viewer can still open the page by the URL. */
export function ForDevelopers({ tenant, title, context, icon, reason, children }: ForDevelopersProps) {
  const mayDeploy = useMayDeploy(tenant)
  if (mayDeploy === undefined) return <Skeleton lines={8} />
  if (mayDeploy) return children
  return (
    <>
      <PageHeader title={title} context={context} />
      <EmptyState icon={icon} title={reason}>
        Your role is viewer. An admin or owner of {tenant} can give you the developer role.
      </EmptyState>
    </>
  )
}
