import { BookOpen } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { TextInput } from '../../../components/field.tsx'
import { Untrusted } from '../../../components/untrusted.tsx'
import { clientLibrary } from '../connection/client-library.ts'
import type { PlaygroundHandle } from '../connection/use-playground.ts'
import { RunView } from '../runs/run-view.tsx'
import { Description } from './description.tsx'
import type { ResourceEntry } from './displayed-surface.ts'
import { variablesOf } from './uri-variables.ts'

/** A resource, or a resource template (RFC 6570) with inputs for the variables. */
export function ResourceDetails({
  resource,
  handle,
  onRead,
}: {
  resource: ResourceEntry
  handle: PlaygroundHandle
  onRead: (uri: string) => void
}) {
  const { playground, state } = handle
  const variables = resource.isTemplate ? variablesOf(resource.uri) : []
  const [args, setGiven] = useState<Record<string, string>>({})
  const [uri, setUri] = useState(resource.isTemplate ? undefined : resource.uri)
  const run = state.runs.find(({ request }) => request.kind === 'resource' && request.uri === uri)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const expanded = resource.isTemplate ? await expand(resource.uri, args) : resource.uri
    setUri(expanded)
    await playground.run({ kind: 'resource', uri: expanded })
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
      <Card title="Read resource">
        <form onSubmit={(event) => void submit(event)} className="grid grid-cols-1 gap-4">
          {variables.map((name) => (
            <div key={name} className="grid grid-cols-1 gap-1">
              <label htmlFor={`variable-${name}`} className="font-semibold">
                <Untrusted text={name} />
              </label>
              <TextInput
                id={`variable-${name}`}
                required
                value={args[name] ?? ''}
                onChange={(event) => setGiven({ ...args, [name]: event.target.value })}
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
          <RunView key={run.id} run={run} handle={handle} onRead={onRead} />
        </Card>
      )}
    </div>
  )
}

async function expand(template: string, values: Record<string, string>): Promise<string> {
  const { UriTemplate } = await clientLibrary()
  return new UriTemplate(template).expand(values)
}
