import { Play } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { TextArea } from '../../../components/field.tsx'
import { Untrusted } from '../../../components/untrusted.tsx'
import type { Played } from '../connection/use-playground.ts'
import { RunView } from '../runs/run-view.tsx'
import { Description } from './description.tsx'
import type { OfferedPrompt } from './offered.ts'

/** One prompt: its arguments are texts, all of them. */
export function PromptDetails({ prompt, played, onRead }: { prompt: OfferedPrompt; played: Played; onRead: (uri: string) => void }) {
  const { playground, state } = played
  const [given, setGiven] = useState<Record<string, string>>({})
  const run = state.runs.find(({ asked }) => asked.kind === 'prompt' && asked.name === prompt.name)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const written = Object.fromEntries(Object.entries(given).filter(([, text]) => text !== ''))
    void playground.run({ kind: 'prompt', name: prompt.name, given: written })
  }
  return (
    <div className="grid grid-cols-1 gap-5">
      <Description title={prompt.title ?? prompt.name} name={prompt.name} text={prompt.description} />
      <Card title="Get it">
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
                value={given[name] ?? ''}
                onChange={(event) => setGiven({ ...given, [name]: event.target.value })}
              />
            </div>
          ))}
          {prompt.arguments.length === 0 && <p className="text-soft">It takes no arguments.</p>}
          <Button type="submit" icon={Play} busy={run !== undefined && run.endedAt === undefined} className="justify-self-start">
            Get the prompt
          </Button>
        </form>
      </Card>
      {run && (
        <Card>
          <RunView key={run.id} run={run} played={played} onRead={onRead} />
        </Card>
      )}
    </div>
  )
}
