import { Play } from 'lucide-react'
import { useState } from 'react'
import type { ToolDefinition } from '../../../../../protocol/api.ts'
import { Button } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import type { PlaygroundHandle } from '../connection/use-playground.ts'
import { JsonText } from '../runs/long-text.tsx'
import { RunView } from '../runs/run-view.tsx'
import type { Schema } from '../schema-form/faults.ts'
import { ArgumentsEditor } from './arguments-editor.tsx'
import { Description, Details } from './description.tsx'
import { useDraft } from './draft.ts'
import { titleOf } from './displayed-surface.ts'
import { ToolBadges } from './tool-badges.tsx'

interface ToolDetailsProps {
  tool: ToolDefinition
  handle: PlaygroundHandle
  resource: string
  onRead: (uri: string) => void
}

/** One tool: description, arguments, calls and schemas. */
export function ToolDetails({ tool, handle, resource, onRead }: ToolDetailsProps) {
  const { playground, state } = handle
  const storageName = draftName(resource, tool.name)
  const [draft, setDraft] = useDraft(storageName)
  const run = state.runs.find(({ request }) => request.kind === 'tool' && request.name === tool.name)
  const isRunning = run !== undefined && run.endedAt === undefined
  const call = (args: Schema) => void playground.run({ kind: 'tool', name: tool.name, args })
  return (
    <div className="grid grid-cols-1 gap-5">
      <Description title={titleOf(tool)} name={tool.name} text={tool.description}>
        <ToolBadges tool={tool} />
      </Description>
      <Card title="Call tool">
        <ArgumentsEditor
          id="arguments"
          storageName={storageName}
          schema={tool.inputSchema}
          value={draft}
          onChange={setDraft}
          onSubmit={call}
        >
          <div className="mt-5 flex flex-wrap gap-2">
            <Button type="submit" icon={Play} busy={isRunning}>
              {isRunning ? 'Running' : 'Call'}
            </Button>
            <ClearButton onClear={() => setDraft({})} isEmpty={Object.keys(draft).length === 0} />
          </div>
        </ArgumentsEditor>
      </Card>
      {run && (
        <Card>
          <RunView key={run.id} run={run} handle={handle} outputSchema={tool.outputSchema} onRead={onRead} />
        </Card>
      )}
      <Details summary="Input schema">
        <JsonText value={tool.inputSchema} what="the input schema" />
      </Details>
      {tool.outputSchema && (
        <Details summary="Output schema">
          <JsonText value={tool.outputSchema} what="the output schema" />
        </Details>
      )}
      <Details summary="Full definition">
        <JsonText value={tool} what="the definition" />
      </Details>
    </div>
  )
}

/** sessionStorage key of the arguments of a tool. */
export function draftName(resource: string, tool: string): string {
  return `wharf.playground.draft:${resource}:${tool}`
}

/** Needs a second press, because typed arguments are lost. */
function ClearButton({ onClear, isEmpty }: { onClear: () => void; isEmpty: boolean }) {
  const [sure, setSure] = useState(false)
  if (isEmpty) return null
  return (
    <Button
      kind="quiet"
      onBlur={() => setSure(false)}
      onClick={() => {
        if (sure) onClear()
        setSure(!sure)
      }}
    >
      {sure ? 'Press again to clear' : 'Clear'}
    </Button>
  )
}
