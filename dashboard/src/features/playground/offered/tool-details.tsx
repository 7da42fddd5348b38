import { Play } from 'lucide-react'
import { useState } from 'react'
import type { ToolDefinition } from '../../../../../protocol/api.ts'
import { Button } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import type { Played } from '../connection/use-playground.ts'
import { JsonText } from '../runs/long-text.tsx'
import { RunView } from '../runs/run-view.tsx'
import type { Schema } from '../schema-form/faults.ts'
import { ArgumentsEditor } from './arguments-editor.tsx'
import { Description, Details } from './description.tsx'
import { useDraft } from './draft.ts'
import { titleOf } from './offered.ts'
import { ToolMarks } from './tool-marks.tsx'

interface ToolDetailsProps {
  tool: ToolDefinition
  played: Played
  resource: string
  onRead: (uri: string) => void
}

/** One tool, as clients see it and as it answers. */
export function ToolDetails({ tool, played, resource, onRead }: ToolDetailsProps) {
  const { playground, state } = played
  const keptAs = draftName(resource, tool.name)
  const [draft, setDraft] = useDraft(keptAs)
  const run = state.runs.find(({ asked }) => asked.kind === 'tool' && asked.name === tool.name)
  const isRunning = run !== undefined && run.endedAt === undefined
  const call = (given: Schema) => void playground.run({ kind: 'tool', name: tool.name, given })
  return (
    <div className="grid grid-cols-1 gap-5">
      <Description title={titleOf(tool)} name={tool.name} text={tool.description}>
        <ToolMarks tool={tool} />
      </Description>
      <Card title="Call it">
        <ArgumentsEditor id="arguments" keptAs={keptAs} schema={tool.inputSchema} value={draft} onChange={setDraft} onSubmit={call}>
          <div className="mt-5 flex flex-wrap gap-2">
            <Button type="submit" icon={Play} busy={isRunning}>
              {isRunning ? 'Under way' : 'Call'}
            </Button>
            <ClearButton onClear={() => setDraft({})} isEmpty={Object.keys(draft).length === 0} />
          </div>
        </ArgumentsEditor>
      </Card>
      {run && (
        <Card>
          <RunView key={run.id} run={run} played={played} outputSchema={tool.outputSchema} onRead={onRead} />
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
      <Details summary="The whole definition, as clients get it">
        <JsonText value={tool} what="the definition" />
      </Details>
    </div>
  )
}

/** Where its arguments are kept while they are written. */
export function draftName(resource: string, tool: string): string {
  return `wharf.playground.draft:${resource}:${tool}`
}

/** Asks once, in place: what was written may have taken a while. */
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
