import { Link } from '@tanstack/react-router'
import { FlaskConical } from 'lucide-react'
import { buttonClass } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { CopyLine } from '../../components/copy.tsx'

export function TryVersion({ tenant, server, url, number }: { tenant: string; server: string; url: string; number: number }) {
  return (
    <Card title="Try this version">
      <p className="mb-3 max-w-prose text-soft">
        Members with the developer role can use version {number} at this endpoint with any MCP client, before activation.
      </p>
      <CopyLine text={url} what={`the endpoint of version ${number}`} />
      <Link
        to="/t/$tenant/s/$server/tools"
        params={{ tenant, server }}
        search={{ version: number }}
        className={buttonClass('secondary', 'mt-3')}
      >
        <FlaskConical aria-hidden className="size-4" /> Open in playground
      </Link>
    </Card>
  )
}
