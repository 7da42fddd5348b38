import { MessageCircleQuestion } from 'lucide-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { ElicitationForm, ElicitationLink } from './elicitation.tsx'
import { RootsForm } from './roots-form.tsx'
import { SamplingForm } from './sampling-form.tsx'
import type { Question } from './question-queue.ts'

const TITLES: Record<Question['kind'], string> = {
  elicitation: 'The server requests input',
  sampling: 'The server requests a model response',
  roots: 'The server requests your roots',
}

/** A question of the hosted server. Takes the focus, because the call waits for the response. */
export function QuestionCard({ question }: { question: Question }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <section className="rounded-xl border-2 border-accent bg-sheet p-4 sm:p-5" aria-labelledby={`question-${question.id}`}>
      <h3 id={`question-${question.id}`} ref={heading} tabIndex={-1} className="mb-3 flex items-center gap-2 text-lg font-bold">
        <MessageCircleQuestion aria-hidden className="size-5 shrink-0 text-accent" /> {TITLES[question.kind]}
      </h3>
      {bodyOf(question)}
    </section>
  )
}

function bodyOf(question: Question): ReactNode {
  if (question.kind === 'sampling') return <SamplingForm question={question} />
  if (question.kind === 'roots') return <RootsForm question={question} />
  return question.params.mode === 'url' ? (
    <ElicitationLink question={question} params={question.params} />
  ) : (
    <ElicitationForm question={question} params={question.params} />
  )
}
