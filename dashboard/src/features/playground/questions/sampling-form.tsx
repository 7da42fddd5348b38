import type { SamplingMessageContentBlock } from '@modelcontextprotocol/client'
import { type FormEvent, useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { Field, TextArea, TextInput } from '../../../components/field.tsx'
import { Untrusted } from '../../../components/untrusted.tsx'
import { Content } from '../runs/content-view.tsx'
import { JsonText } from '../runs/long-text.tsx'
import type { SamplingQuestion } from './question-queue.ts'

/** Asks the user to write the model's response, because the dashboard has no model. */
export function SamplingForm({ question }: { question: SamplingQuestion }) {
  const { messages, systemPrompt, maxTokens } = question.params
  const [text, setText] = useState('')
  const [model, setModel] = useState('written-by-hand')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    question.answer({ model, role: 'assistant', content: { type: 'text', text }, stopReason: 'endTurn' })
  }
  return (
    <form onSubmit={submit} className="grid grid-cols-1 gap-4">
      <p className="text-soft">Other apps would call their model. Here you write the response, with at most {maxTokens} tokens.</p>
      {systemPrompt !== undefined && (
        <div>
          <p className="font-semibold">System prompt</p>
          <Untrusted text={systemPrompt} multiline />
        </div>
      )}
      <ol aria-label="Messages" className="grid grid-cols-1 gap-3">
        {messages.map((message, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- the list never changes
          <li key={index} className="grid grid-cols-1 gap-1">
            <span className="font-semibold">{message.role === 'user' ? 'User' : 'Assistant'}</span>
            {[message.content].flat().map((block, place) => (
              // oxlint-disable-next-line react/no-array-index-key -- the list never changes
              <Block key={place} block={block} />
            ))}
          </li>
        ))}
      </ol>
      <Field label="Model response">
        <TextArea rows={4} value={text} onChange={(event) => setText(event.target.value)} required />
      </Field>
      <Field label="Model name" hint="Sent with the response.">
        <TextInput value={model} onChange={(event) => setModel(event.target.value)} required />
      </Field>
      <div className="flex flex-wrap gap-2">
        <Button type="submit">Send response</Button>
        <Button kind="secondary" onClick={() => question.refuse('User rejected sampling request')}>
          Reject
        </Button>
      </div>
    </form>
  )
}

function Block({ block }: { block: SamplingMessageContentBlock }) {
  return block.type === 'tool_use' || block.type === 'tool_result' ? <JsonText value={block} what="the block" /> : <Content block={block} />
}
