import { Link } from '@tanstack/react-router'
import { FlaskConical } from 'lucide-react'
import { buttonClass } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { CopyLine } from '../../components/copy.tsx'

export function TryIt({ tenant, server, url, number }: { tenant: string; server: string; url: string; number: number }) {
  return (
    <Card title="Try it before clients get it">
      <p className="mb-3 max-w-prose text-soft">
        At this address version {number} answers those members who may deploy, with the same sign-in as the server itself. Give it to any
        MCP client.
      </p>
      <CopyLine text={url} what={`the address of version ${number}`} />
      <Link
        to="/t/$tenant/s/$server/tools"
        params={{ tenant, server }}
        search={{ version: number }}
        className={buttonClass('secondary', 'mt-3')}
      >
        <FlaskConical aria-hidden className="size-4" /> Open the playground on it
      </Link>
    </Card>
  )
}
