import { type FormEvent, useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { Field, TextArea } from '../../../components/field.tsx'
import type { RootsQuestion } from './question-queue.ts'

/** Edits the roots to report. A desktop app would report directories, but a web page has none. */
export function RootsForm({ question }: { question: RootsQuestion }) {
  const [text, setText] = useState('file:///home/me/project')
  const uris = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
  const wrong = uris.find((uri) => !uri.startsWith('file://'))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (wrong === undefined) question.answer({ roots: uris.map((uri) => ({ uri })) })
  }
  return (
    <form onSubmit={submit} className="grid grid-cols-1 gap-4">
      <Field
        label="Roots"
        hint="One file:// URI per line, or none."
        error={wrong === undefined ? undefined : 'must be file:// URIs, one per line'}
      >
        <TextArea rows={3} value={text} onChange={(event) => setText(event.target.value)} className="font-mono" spellCheck={false} />
      </Field>
      <div className="flex flex-wrap gap-2">
        <Button type="submit">Send roots</Button>
        <Button kind="secondary" onClick={() => question.refuse('User rejected the request for roots')}>
          Reject
        </Button>
      </div>
    </form>
  )
}
