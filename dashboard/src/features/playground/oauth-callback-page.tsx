import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { buttonClass } from '../../components/button.tsx'
import { Skeleton } from '../../components/loaded.tsx'
import { PageHeader } from '../../components/page-header.tsx'
import { Untrusted } from '../../components/untrusted.tsx'
import { completeAuthorization, AuthorizationFailed } from './connection/authorization.ts'

/** Receives the browser after the consent page of a hosted server. */
export function OAuthCallbackPage() {
  const navigate = useNavigate()
  const [problem, setProblem] = useState<AuthorizationFailed>()
  useEffect(() => {
    const query = new URLSearchParams(location.search)
    exchange ??= completeAuthorization(query, fetch)
    exchange.then(
      (returnTo) => void navigate({ href: returnTo, replace: true }),
      (error: unknown) => setProblem(error instanceof AuthorizationFailed ? error : new AuthorizationFailed(String(error))),
    )
  }, [navigate])
  return (
    <>
      <PageHeader title={problem ? 'Access not granted' : 'Connecting'} />
      {problem ? (
        <div role="alert" className="grid grid-cols-1 justify-items-start gap-4">
          <p className="max-w-prose">
            <Untrusted text={problem.message} />
          </p>
          <a href={problem.returnTo ?? '/dashboard/'} className={buttonClass()}>
            Back to the {problem.returnTo === undefined ? 'dashboard' : 'playground'}
          </a>
        </div>
      ) : (
        <Skeleton lines={3} label="Completing the authorization" />
      )}
    </>
  )
}

/** Module state, because the code must be exchanged only once even if the page renders again. */
let exchange: Promise<string> | undefined
