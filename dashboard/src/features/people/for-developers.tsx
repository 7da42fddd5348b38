import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { EmptyState } from '../../components/empty-state.tsx'
import { Skeleton } from '../../components/loaded.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { useMayDeploy } from './role.ts'

interface ForDevelopersProps {
  tenant: string
  /** Of the page, for who is none. */
  title: string
  context: string
  icon: LucideIcon
  /** What the page is, in a sentence about them. */
  reason: string
  children: ReactNode
}

/** A page that a viewer has no use for, and may come to by an address somebody shared. */
export function ForDevelopers({ tenant, title, context, icon, reason, children }: ForDevelopersProps) {
  const mayDeploy = useMayDeploy(tenant)
  if (mayDeploy === undefined) return <Skeleton lines={8} />
  if (mayDeploy) return children
  return (
    <>
      <PageHeader title={title} context={context} />
      <EmptyState icon={icon} title={reason}>
        Your role here is viewer. An admin or owner of {tenant} can give you the role developer.
      </EmptyState>
    </>
  )
}
