import type { ElicitRequestFormParams, ElicitRequestURLParams, ElicitResult } from '@modelcontextprotocol/client'
import { ExternalLink } from 'lucide-react'
import { useState } from 'react'
import { Button, buttonClass } from '../../../components/button.tsx'
import { Untrusted } from '../../../components/untrusted.tsx'
import type { Schema } from '../schema-form/faults.ts'
import { SchemaForm } from '../schema-form/schema-form.tsx'
import type { ElicitationQuestion } from './question-queue.ts'

interface Props<Params> {
  question: ElicitationQuestion
  params: Params
}

/** Form mode: shows the fields of the requested schema. */
export function ElicitationForm({ question, params }: Props<ElicitRequestFormParams>) {
  const [value, setValue] = useState<Schema>({})
  return (
    <div className="grid grid-cols-1 gap-4">
      <Message text={params.message} />
      <SchemaForm
        id={`question-${question.id}`}
        schema={params.requestedSchema as Schema}
        value={value}
        onChange={setValue}
        // the schema of an elicitation allows these value types only
        onSubmit={(content) => question.answer({ action: 'accept', content: content as NonNullable<ElicitResult['content']> })}
      >
        <div className="mt-5 flex flex-wrap gap-2">
          <Button type="submit">Accept</Button>
          <RejectButtons question={question} />
        </div>
      </SchemaForm>
    </div>
  )
}

/**
 * URL mode: shows the full URL, which the user opens in a new window. The dashboard does not learn
 * what happens there.
 */
export function ElicitationLink({ question, params }: Props<ElicitRequestURLParams>) {
  const target = safeUrl(params.url)
  return (
    <div className="grid grid-cols-1 gap-4">
      <Message text={params.message} />
      <div className="grid grid-cols-1 gap-2">
        {target ? (
          <>
            <p>
              The server asks you to open <strong>{target.host}</strong>, outside of this platform:
            </p>
            <a
              href={target.href}
              target="_blank"
              rel="noopener noreferrer"
              className={buttonClass('secondary', 'justify-self-start text-left!')}
            >
              <ExternalLink aria-hidden className="size-4 shrink-0" />
              <span className="min-w-0 font-mono text-sm font-normal [overflow-wrap:anywhere]">{target.href}</span>
              <span className="sr-only">(opens a new window)</span>
            </a>
          </>
        ) : (
          <p className="rounded-lg bg-warn-ground px-4 py-3 text-warn-ink">
            The server asks you to open a URL that is not a web address, so the URL is not a link: <Untrusted text={params.url} />
          </p>
        )}
      </div>
      <div className="flex flex-wrap gap-2">
        {target && <Button onClick={() => question.answer({ action: 'accept' })}>Accept</Button>}
        <RejectButtons question={question} />
      </div>
    </div>
  )
}

function safeUrl(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  return url.protocol === 'https:' || (url.protocol === 'http:' && /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname))
    ? url
    : undefined
}

function RejectButtons({ question }: { question: ElicitationQuestion }) {
  return (
    <>
      <Button kind="secondary" onClick={() => question.answer({ action: 'decline' })}>
        Decline
      </Button>
      <Button kind="quiet" onClick={() => question.answer({ action: 'cancel' })}>
        Dismiss
      </Button>
    </>
  )
}

function Message({ text }: { text: string }) {
  return (
    <p>
      <Untrusted text={text} multiline />
    </p>
  )
}
