import { BookOpen } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { TextInput } from '../../../components/field.tsx'
import { Untrusted } from '../../../components/untrusted.tsx'
import { clientLibrary } from '../connection/client-library.ts'
import type { Played } from '../connection/use-playground.ts'
import { RunView } from '../runs/run-view.tsx'
import { Description } from './description.tsx'
import type { OfferedResource } from './offered.ts'

/** One resource, or a template of many (RFC 6570), whose blanks are filled in first. */
export function ResourceDetails({
  resource,
  played,
  onRead,
}: {
  resource: OfferedResource
  played: Played
  onRead: (uri: string) => void
}) {
  const { playground, state } = played
  const blanks = resource.isTemplate ? variablesOf(resource.uri) : []
  const [given, setGiven] = useState<Record<string, string>>({})
  const [uri, setUri] = useState(resource.isTemplate ? undefined : resource.uri)
  const run = state.runs.find(({ asked }) => asked.kind === 'resource' && asked.uri === uri)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const address = resource.isTemplate ? await expand(resource.uri, given) : resource.uri
    setUri(address)
    await playground.run({ kind: 'resource', uri: address })
  }
  return (
    <div className="grid grid-cols-1 gap-5">
      <Description title={resource.title ?? resource.name} name={resource.name} text={resource.description}>
        <p className="text-sm">
          <code>
            <Untrusted text={resource.uri} />
          </code>{' '}
          {resource.mimeType !== undefined && (
            <span className="text-soft">
              <Untrusted text={resource.mimeType} />
            </span>
          )}
        </p>
      </Description>
      <Card title="Read it">
        <form onSubmit={(event) => void submit(event)} className="grid grid-cols-1 gap-4">
          {blanks.map((name) => (
            <div key={name} className="grid grid-cols-1 gap-1">
              <label htmlFor={`blank-${name}`} className="font-semibold">
                <Untrusted text={name} />
              </label>
              <TextInput
                id={`blank-${name}`}
                required
                value={given[name] ?? ''}
                onChange={(event) => setGiven({ ...given, [name]: event.target.value })}
              />
            </div>
          ))}
          <Button type="submit" icon={BookOpen} busy={run !== undefined && run.endedAt === undefined} className="justify-self-start">
            Read
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

function variablesOf(template: string): string[] {
  const names = [...template.matchAll(/\{[+#./;?&]?([^{}]{1,200})\}/g)].flatMap(([, list = '']) => list.split(','))
  return [...new Set(names.map((name) => name.replace(/(?:\*|:\d+)$/, '').trim()).filter(Boolean))]
}

async function expand(template: string, values: Record<string, string>): Promise<string> {
  const { UriTemplate } = await clientLibrary()
  return new UriTemplate(template).expand(values)
}
