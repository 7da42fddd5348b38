import { CircleCheck, CircleX, LoaderCircle, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { Untrusted } from '../../../components/untrusted.tsx'
import { AllowButton } from '../connection/access-banner.tsx'
import type { PlaygroundHandle } from '../connection/use-playground.ts'
import { JsonText } from './long-text.tsx'
import { durationText } from './duration-text.ts'
import type { Run } from './runs.ts'

export function State({ run, waits }: { run: Run; waits: boolean }): ReactNode {
  const { endedAt, outcome, failure } = run
  if (endedAt === undefined) {
    return (
      <>
        <LoaderCircle aria-hidden className="size-5 animate-spin text-accent" /> {waits ? 'Waiting for your input' : 'Running'}
      </>
    )
  }
  const took = durationText({ ...run, endedAt })
  if (failure) {
    return (
      <>
        <CircleX aria-hidden className="size-5 text-bad" /> {failure.kind === 'cancelled' ? `Cancelled after ${took}` : 'Failed'}
      </>
    )
  }
  if (outcome?.kind === 'tool' && outcome.result.isError === true) {
    return (
      <>
        <TriangleAlert aria-hidden className="size-5 text-bad" /> Tool error after {took}
      </>
    )
  }
  return (
    <>
      <CircleCheck aria-hidden className="size-5 text-good" /> Completed in {took}
    </>
  )
}

export function ProgressBar({ run: { progress } }: { run: Run }) {
  if (!progress) return null
  const { progress: done, total, message } = progress
  return (
    <div className="grid grid-cols-1 gap-1">
      <progress
        aria-label="Progress"
        {...(total === undefined ? {} : { value: Math.min(done, total), max: total })}
        className="h-2 w-full appearance-none overflow-hidden rounded-full bg-line [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-line [&::-webkit-progress-value]:bg-accent"
      />
      <p className="text-sm text-soft" aria-live="polite">
        {total === undefined ? done : `${done} of ${total}`}
        {message !== undefined && (
          <>
            {' · '}
            <Untrusted text={message} />
          </>
        )}
      </p>
    </div>
  )
}

export function FailureNote({ run: { failure }, handle }: { run: Run; handle: PlaygroundHandle }) {
  if (!failure || failure.kind === 'cancelled') return null
  const isRecoverable = failure.kind === 'insufficient-scope' || failure.kind === 'unauthorized'
  const missing = failure.kind === 'insufficient-scope' ? failure.scopes.filter((scope) => !handle.token?.scopes.includes(scope)) : []
  return (
    <div
      role="alert"
      className={`grid grid-cols-1 justify-items-start gap-3 rounded-lg px-4 py-3 ${isRecoverable ? 'bg-warn-ground text-warn-ink' : 'border border-bad bg-bad-ground text-bad'}`}
    >
      <div className="min-w-0">
        <p>
          {failure.kind === 'error-response' && <strong>Error {failure.code}. </strong>}
          <Untrusted text={failure.message} multiline />
        </p>
        {failure.detail !== undefined && (
          <p className="text-sm">
            <Untrusted text={failure.detail} multiline />
          </p>
        )}
      </div>
      {failure.kind === 'insufficient-scope' && (
        <AllowButton label={`Allow ${missing.join(' and ')}`.trim()} allow={() => handle.allow(failure.scopes)} />
      )}
      {failure.kind === 'unauthorized' && <AllowButton label="Allow" allow={() => handle.allow()} />}
      {failure.kind === 'error-response' && failure.data !== undefined && <JsonText value={failure.data} what="the error data" />}
    </div>
  )
}
