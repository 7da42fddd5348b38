import { Link } from '@tanstack/react-router'
import { buttonClass } from '../../components/button.tsx'

interface EditVersionLinkProps {
  tenant: string
  server: string
  number: number
  /** Editor of the version's source. */
  editor: 'code' | 'content'
}

export function EditVersionLink({ tenant, server, number, editor }: EditVersionLinkProps) {
  return (
    <div>
      <Link
        to={`/t/$tenant/s/$server/${editor}`}
        params={{ tenant, server }}
        search={{ version: number }}
        className={buttonClass('secondary')}
      >
        Edit this version
      </Link>
    </div>
  )
}
