import { CircleCheck, CircleX, LoaderCircle, Square, TriangleAlert } from 'lucide-react'
import { type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { Button } from '../../../components/button.tsx'
import { Tabs } from '../../../components/tabs.tsx'
import { Untrusted } from '../../../components/untrusted.tsx'
import { AllowButton } from '../connection/access-note.tsx'
import type { LogLine } from '../connection/connection.ts'
import { Content, ResourceContents } from './content-view.tsx'
import { JsonText } from './long-text.tsx'
import { QuestionCard } from '../questions/question-card.tsx'
import type { Outcome, Run } from './runs.ts'
import type { Schema } from '../schema-form/faults.ts'
import { Structured } from './structured-view.tsx'
import type { Played } from '../connection/use-playground.ts'
import type { Exchange } from '../connection/wire-log.ts'
import { WireView } from './wire-view.tsx'

interface RunViewProps {
  run: Run
  played: Played
  /** Of the tool that was called. */
  outputSchema?: Schema | undefined
  onRead: (uri: string) => void
}

/** One call: how far it is, what it asks, and what came of it. */
export function RunView({ run, played, outputSchema, onRead }: RunViewProps) {
  const { playground } = played
  const section = useRef<HTMLElement>(null)
  const questions = useSyncExternalStore(playground.questions.subscribe, playground.questions.read)
  const exchanges = useSyncExternalStore(playground.wire.subscribe, playground.wire.read)
  const own = exchanges.filter((exchange) => isOf(run, exchange))
  const [tab, setTab] = useState<'result' | 'log' | 'wire'>('result')
  const isRunning = run.endedAt === undefined
  useEffect(() => {
    if (isRunning) section.current?.scrollIntoView({ block: 'nearest' })
  }, [isRunning])
  return (
    <section ref={section} aria-label="The call" className="grid grid-cols-1 scroll-my-4 gap-4">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p role="status" className="flex min-h-10 items-center gap-2 font-semibold">
          <State run={run} waits={isRunning && questions.length > 0} />
        </p>
        {isRunning && (
          <Button kind="secondary" icon={Square} onClick={() => playground.cancel(run.id)}>
            Cancel
          </Button>
        )}
      </div>
      {isRunning && <ProgressBar run={run} />}
      {isRunning && questions.map((question) => <QuestionCard key={question.id} question={question} />)}
      {run.failure && <FailureNote run={run} played={played} />}
      <Tabs
        label="What came of it"
        value={tab}
        onChange={setTab}
        tabs={[
          { value: 'result', label: 'Result', content: <Result run={run} outputSchema={outputSchema} onRead={onRead} /> },
          { value: 'log', label: `Log (${run.logs.length})`, content: <Log lines={run.logs} /> },
          { value: 'wire', label: `Wire (${own.length})`, content: <WireView exchanges={own} /> },
        ]}
      />
    </section>
  )
}

/** Exchanges are told apart by time: one call is under way at a time, or nearly. */
function isOf({ startedAt, endedAt = Infinity }: Run, exchange: Exchange): boolean {
  return exchange.startedAt >= startedAt && exchange.startedAt <= endedAt
}

function State({ run, waits }: { run: Run; waits: boolean }): ReactNode {
  const { endedAt, startedAt, outcome, failure } = run
  if (endedAt === undefined) {
    return (
      <>
        <LoaderCircle aria-hidden className="size-5 animate-spin text-accent" /> {waits ? 'It waits for your answer' : 'Under way'}
      </>
    )
  }
  const took = `${(endedAt - startedAt).toLocaleString('en')} ms`
  if (failure) {
    return (
      <>
        <CircleX aria-hidden className="size-5 text-bad" /> {failure.kind === 'cancelled' ? `Cancelled after ${took}` : 'It did not work'}
      </>
    )
  }
  if (outcome?.kind === 'tool' && outcome.result.isError === true) {
    return (
      <>
        <TriangleAlert aria-hidden className="size-5 text-bad" /> The tool says it failed, after {took}
      </>
    )
  }
  return (
    <>
      <CircleCheck aria-hidden className="size-5 text-good" /> Answered in {took}
    </>
  )
}

function ProgressBar({ run: { progress } }: { run: Run }) {
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

function FailureNote({ run: { failure }, played }: { run: Run; played: Played }) {
  if (!failure || failure.kind === 'cancelled') return null
  const mayGoOn = failure.kind === 'needs-scope' || failure.kind === 'not-allowed'
  const missing = failure.kind === 'needs-scope' ? failure.scopes.filter((scope) => !played.token?.scopes.includes(scope)) : []
  return (
    <div
      role="alert"
      className={`grid grid-cols-1 justify-items-start gap-3 rounded-lg px-4 py-3 ${mayGoOn ? 'bg-warn-ground text-warn-ink' : 'border border-bad bg-bad-ground text-bad'}`}
    >
      <div className="min-w-0">
        <p>
          {failure.kind === 'answered' && <strong>Error {failure.code}. </strong>}
          <Untrusted text={failure.message} multiline />
        </p>
        {failure.detail !== undefined && (
          <p className="text-sm">
            <Untrusted text={failure.detail} multiline />
          </p>
        )}
      </div>
      {failure.kind === 'needs-scope' && (
        <AllowButton label={`Allow ${missing.join(' and ')}`.trim()} allow={() => played.allow(failure.scopes)} />
      )}
      {failure.kind === 'not-allowed' && <AllowButton label="Allow" allow={() => played.allow()} />}
      {failure.kind === 'answered' && failure.data !== undefined && <JsonText value={failure.data} what="the error’s data" />}
    </div>
  )
}

function Result({
  run: { outcome, endedAt },
  outputSchema,
  onRead,
}: {
  run: Run
  outputSchema: Schema | undefined
  onRead: (uri: string) => void
}) {
  if (!outcome) return <p className="text-soft">{endedAt === undefined ? 'There is none yet.' : 'There is none.'}</p>
  return <div className="grid grid-cols-1 gap-4">{bodyOf(outcome, outputSchema, onRead)}</div>
}

function bodyOf(outcome: Outcome, outputSchema: Schema | undefined, onRead: (uri: string) => void): ReactNode {
  if (outcome.kind === 'resource') {
    return outcome.result.contents.map((contents, index) => (
      // oxlint-disable-next-line react/no-array-index-key -- the list never changes
      <ResourceContents key={index} contents={contents} />
    ))
  }
  if (outcome.kind === 'prompt') {
    return (
      <>
        {outcome.result.description !== undefined && (
          <p>
            <Untrusted text={outcome.result.description} multiline />
          </p>
        )}
        {outcome.result.messages.map((message, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- the list never changes
          <div key={index} className="grid grid-cols-1 gap-1">
            <h3 className="font-semibold">{message.role === 'user' ? 'User' : 'Assistant'}</h3>
            <Content block={message.content} onRead={onRead} />
          </div>
        ))}
      </>
    )
  }
  const { content, structuredContent } = outcome.result
  return (
    <>
      {structuredContent !== undefined && (
        <div>
          <h3 className="mb-2 font-semibold">Structured output</h3>
          <Structured value={structuredContent} schema={outputSchema} />
        </div>
      )}
      {content.map((block, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- the list never changes
        <Content key={index} block={block} onRead={onRead} />
      ))}
      {content.length === 0 && structuredContent === undefined && <p className="text-soft">The tool answered with nothing.</p>}
    </>
  )
}

const time = new Intl.DateTimeFormat('en', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hour12: false,
})
const LOUD = new Set(['error', 'critical', 'alert', 'emergency'])

function Log({ lines }: { lines: readonly LogLine[] }) {
  if (lines.length === 0) return <p className="text-soft">The server sent no log messages with this call.</p>
  return (
    <ol
      aria-label="Log messages"
      className="max-h-96 divide-y divide-line overflow-y-auto rounded-lg border border-line font-mono text-sm"
      tabIndex={0}
    >
      {lines.map((line, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- lines are only ever added at the end
        <li key={index} className="flex flex-wrap gap-x-3 px-3 py-1.5">
          <span className="text-soft">{time.format(line.at)}</span>
          <span className={LOUD.has(line.level) ? 'text-bad' : line.level === 'warning' ? 'text-warn-ink' : ''}>{line.level}</span>
          {line.logger !== undefined && (
            <span className="text-soft">
              <Untrusted text={line.logger} />
            </span>
          )}
          <span className="min-w-0 flex-1 basis-48">
            <Untrusted text={typeof line.data === 'string' ? line.data : JSON.stringify(line.data)} multiline />
          </span>
        </li>
      ))}
    </ol>
  )
}
