import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { buttonClass } from '../../components/button.tsx'
import { Skeleton } from '../../components/loaded.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { Untrusted } from '../../components/untrusted.tsx'
import { finishAsking, NoAccess } from './connection/authorization.ts'

/** Where the browser comes back to from a hosted server's consent page. */
export function OAuthCallbackPage() {
  const navigate = useNavigate()
  const [problem, setProblem] = useState<NoAccess>()
  useEffect(() => {
    const query = new URLSearchParams(location.search)
    finish ??= finishAsking(query, fetch)
    finish.then(
      (returnTo) => void navigate({ href: returnTo, replace: true }),
      (error: unknown) => setProblem(error instanceof NoAccess ? error : new NoAccess(String(error))),
    )
  }, [navigate])
  return (
    <>
      <PageHeader title={problem ? 'Nothing was allowed' : 'One moment'} />
      {problem ? (
        <div role="alert" className="grid grid-cols-1 justify-items-start gap-4">
          <p className="max-w-prose">
            <Untrusted text={problem.message} />
          </p>
          <a href={problem.returnTo ?? '/dashboard/'} className={buttonClass()}>
            Back to the {problem.returnTo === undefined ? 'dashboard' : 'tools'}
          </a>
        </div>
      ) : (
        <Skeleton lines={3} label="Fetching what you allowed" />
      )}
    </>
  )
}

/** A code is exchanged once, however often the page is drawn. */
let finish: Promise<string> | undefined
