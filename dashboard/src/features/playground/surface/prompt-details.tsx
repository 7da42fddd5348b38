import { Play } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { TextArea } from '../../../components/field.tsx'
import { Untrusted } from '../../../components/untrusted.tsx'
import type { PlaygroundHandle } from '../connection/use-playground.ts'
import { RunView } from '../runs/run-view.tsx'
import { Description } from './description.tsx'
import type { PromptEntry } from './displayed-surface.ts'

/** A prompt. All arguments of prompts are strings. */
export function PromptDetails({
  prompt,
  handle,
  onRead,
}: {
  prompt: PromptEntry
  handle: PlaygroundHandle
  onRead: (uri: string) => void
}) {
  const { playground, state } = handle
  const [args, setGiven] = useState<Record<string, string>>({})
  const run = state.runs.find(({ request }) => request.kind === 'prompt' && request.name === prompt.name)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const written = Object.fromEntries(Object.entries(args).filter(([, text]) => text !== ''))
    void playground.run({ kind: 'prompt', name: prompt.name, args: written })
  }
  return (
    <div className="grid grid-cols-1 gap-5">
      <Description title={prompt.title ?? prompt.name} name={prompt.name} text={prompt.description} />
      <Card title="Get prompt">
        <form onSubmit={submit} className="grid grid-cols-1 gap-4">
          {prompt.arguments.map(({ name, title, description, required }) => (
            <div key={name} className="grid grid-cols-1 gap-1">
              <label htmlFor={`prompt-${name}`} className="font-semibold">
                <Untrusted text={title ?? name} /> {!required && <span className="font-normal text-soft">(optional)</span>}
              </label>
              {description !== undefined && (
                <div id={`prompt-${name}-hint`} className="text-sm text-soft">
                  <Untrusted text={description} multiline />
                </div>
              )}
              <TextArea
                id={`prompt-${name}`}
                rows={2}
                required={required}
                value={args[name] ?? ''}
                onChange={(event) => setGiven({ ...args, [name]: event.target.value })}
              />
            </div>
          ))}
          {prompt.arguments.length === 0 && <p className="text-soft">This prompt takes no arguments.</p>}
          <Button type="submit" icon={Play} busy={run !== undefined && run.endedAt === undefined} className="justify-self-start">
            Get prompt
          </Button>
        </form>
      </Card>
      {run && (
        <Card>
          <RunView key={run.id} run={run} handle={handle} onRead={onRead} />
        </Card>
      )}
    </div>
  )
}
