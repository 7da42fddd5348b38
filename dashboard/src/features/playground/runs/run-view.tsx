import { Square } from 'lucide-react'
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { Button } from '../../../components/button.tsx'
import { Tabs } from '../../../components/tabs.tsx'
import type { PlaygroundHandle } from '../connection/use-playground.ts'
import type { Exchange } from '../connection/wire-log.ts'
import { QuestionCard } from '../questions/question-card.tsx'
import type { Schema } from '../schema-form/faults.ts'
import { Log } from './log-view.tsx'
import { Result } from './result-view.tsx'
import { FailureNote, ProgressBar, State } from './run-state.tsx'
import type { Run } from './runs.ts'
import { WireView } from './wire-view.tsx'

interface RunViewProps {
  run: Run
  handle: PlaygroundHandle
  /** Output schema of the called tool. */
  outputSchema?: Schema | undefined
  onRead: (uri: string) => void
}

/** A call: progress, questions, result, log messages and wire messages. */
export function RunView({ run, handle, outputSchema, onRead }: RunViewProps) {
  const { playground } = handle
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
    <section ref={section} aria-label="Call" className="grid grid-cols-1 scroll-my-4 gap-4">
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
      {run.failure && <FailureNote run={run} handle={handle} />}
      <Tabs
        label="Call details"
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

/** Assigns exchanges to calls by time, because calls rarely overlap. */
function isOf({ startedAt, endedAt = Infinity }: Run, exchange: Exchange): boolean {
  return exchange.startedAt >= startedAt && exchange.startedAt <= endedAt
}
