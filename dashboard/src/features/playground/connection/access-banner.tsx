import { KeyRound, ShieldCheck } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { Untrusted } from '../../../components/untrusted.tsx'
import type { PlaygroundHandle } from './use-playground.ts'

/** Shows the access of this page to the server, or asks the user to grant access. */
export function AccessBanner({ handle: { token, allow, disconnect, state }, isPublic }: { handle: PlaygroundHandle; isPublic: boolean }) {
  if (token && state.failure?.kind !== 'unauthorized') {
    return (
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-sm">
        <span className="flex items-start gap-2">
          <ShieldCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-good" />
          <span>
            Connected with <code>{token.scopes.join(' ')}</code>
          </span>
        </span>
        <button type="button" onClick={disconnect} className="link">
          Disconnect
        </button>
      </div>
    )
  }
  return (
    <div className="flex flex-wrap items-center justify-between gap-3 rounded-xl border border-line bg-accent-ground px-4 py-3">
      <p className="min-w-0 flex-1 basis-72">
        {state.failure?.kind === 'unauthorized'
          ? state.failure.message
          : isPublic
            ? 'Read-only tools need no access. To call other tools, allow this page to act as you.'
            : 'To call tools, allow this page to act as you, like any app. You can disconnect at any time.'}
      </p>
      <AllowButton label="Allow" allow={() => allow()} />
    </div>
  )
}

/** Starts the authorization. Shows a spinner until the browser leaves the page. */
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
          The authorization could not start: <Untrusted text={problem} />
        </p>
      )}
    </div>
  )
}
