import { KeyRound, ShieldCheck } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { Untrusted } from '../../../components/untrusted.tsx'
import type { Played } from './use-playground.ts'

/** Where the person stands: what they let this page do here, and the way to let it. */
export function AccessNote({ played: { token, allow, forget, state }, isPublic }: { played: Played; isPublic: boolean }) {
  if (token && state.failure?.kind !== 'not-allowed') {
    return (
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-sm">
        <span className="flex items-start gap-2">
          <ShieldCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-good" />
          <span>
            You let this page use the server: <code>{token.scopes.join(' ')}</code>
          </span>
        </span>
        <button type="button" onClick={forget} className="link">
          Give it up
        </button>
      </div>
    )
  }
  return (
    <div className="flex flex-wrap items-center justify-between gap-3 rounded-xl border border-line bg-accent-ground px-4 py-3">
      <p className="min-w-0 flex-1 basis-72">
        {state.failure?.kind === 'not-allowed'
          ? state.failure.message
          : isPublic
            ? 'Anybody may use what only reads here. To call the other tools, let this page use the server in your name.'
            : 'To call tools, let this page use the server in your name, as any app would ask. It shows what it may do, and you can end it at any time.'}
      </p>
      <AllowButton label="Allow" allow={() => allow()} />
    </div>
  )
}

/** The browser leaves the page; until then the button says that something happens. */
export function AllowButton({ label, allow }: { label: string; allow: () => Promise<void> }) {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const press = async () => {
    setBusy(true)
    setProblem(undefined)
    try {
      await allow()
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
      setBusy(false)
    }
  }
  return (
    <div className="grid grid-cols-1 gap-1">
      <Button icon={KeyRound} busy={busy} onClick={() => void press()}>
        {label}
      </Button>
      {problem !== undefined && (
        <p role="alert" className="text-sm text-bad">
          The server could not be asked: <Untrusted text={problem} />
        </p>
      )}
    </div>
  )
}
