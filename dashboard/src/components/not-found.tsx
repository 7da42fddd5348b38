import { Link } from '@tanstack/react-router'
import { buttonClass } from './button.tsx'
import { PageHeader } from './page-header.tsx'

export function NotFound() {
  return (
    <>
      <PageHeader title="There is no such page">The address may be mistyped, or of something that was renamed or deleted.</PageHeader>
      <Link to="/" className={buttonClass('secondary')}>
        To your servers
      </Link>
    </>
  )
}
