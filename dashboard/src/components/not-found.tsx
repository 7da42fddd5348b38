import { Link } from '@tanstack/react-router'
import { buttonClass } from './button.tsx'
import { PageHeader } from './page-header.tsx'

export function NotFound() {
  return (
    <>
      <PageHeader title="Page not found">The address is wrong, or the item was renamed or deleted.</PageHeader>
      <Link to="/" className={buttonClass('secondary')}>
        Go to the start page
      </Link>
    </>
  )
}
