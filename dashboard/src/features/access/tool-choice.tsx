import { useState } from 'react'
import { Badge } from '../../components/badge.tsx'
import { Button } from '../../components/button.tsx'
import { Checkbox, Switch, TextInput } from '../../components/field.tsx'
import { Untrusted } from '../../components/untrusted.tsx'

export interface ChoosableTool {
  name: string
  title: string | null
  canChangeThings: boolean
}

interface ToolChoiceProps {
  tools: readonly ChoosableTool[]
  /** Null = all tools, including tools of later versions. */
  chosen: readonly string[] | null
  onChange: (chosen: string[] | null) => void
}

/** Number of tools shown at once. Further tools are found by search. */
const SHOWN = 100

/**
 * Selects all tools or some tools. Selected tools that the active version lacks stay selected,
 * because a rollback can restore them.
 */
export function ToolChoice({ tools, chosen, onChange }: ToolChoiceProps) {
  const [wanted, setWanted] = useState('')
  const gone = (chosen ?? [])
    .filter((name) => !tools.some((tool) => tool.name === name))
    .map((name): ChoosableTool => ({ name, title: 'Not in the active version', canChangeThings: true }))
  const all = [...tools, ...gone]
  const found = all.filter(({ name, title }) => `${name} ${title ?? ''}`.toLowerCase().includes(wanted.trim().toLowerCase()))
  const shown = found.slice(0, SHOWN)
  const toggle = (name: string, ticked: boolean) =>
    onChange(ticked ? [...(chosen ?? []), name] : (chosen ?? []).filter((other) => other !== name))
  return (
    <div className="grid gap-3">
      <Switch
        label="All tools"
        hint="Includes tools added by later versions."
        checked={chosen === null}
        onChange={(isAll) => onChange(isAll ? null : tools.map(({ name }) => name))}
      />
      {chosen !== null && (
        <fieldset className="grid gap-2 rounded-xl border border-line p-3">
          <legend className="px-1 text-sm text-soft">
            {chosen.length} of {all.length} selected
          </legend>
          <div className="flex flex-wrap gap-2">
            {all.length > 10 && (
              <TextInput
                aria-label="Search tools"
                placeholder="Search tools"
                value={wanted}
                onChange={(event) => setWanted(event.target.value)}
                className="flex-1 basis-40"
              />
            )}
            <Button kind="quiet" onClick={() => onChange([])} disabled={chosen.length === 0}>
              None
            </Button>
          </div>
          <div className="grid max-h-72 gap-2 overflow-y-auto pr-1">
            {shown.map(({ name, title, canChangeThings }) => (
              <Checkbox
                key={name}
                label={name}
                hint={
                  <>
                    {title !== null && (
                      <>
                        <Untrusted text={title} lines={1} />{' '}
                      </>
                    )}
                    {canChangeThings && <Badge tone="warn">Can write</Badge>}
                  </>
                }
                checked={chosen.includes(name)}
                onChange={(ticked) => toggle(name, ticked)}
              />
            ))}
            {found.length > shown.length && <p className="text-sm text-soft">{found.length - shown.length} more. Search to find them.</p>}
            {found.length === 0 && <p className="text-sm text-soft">No matching tools.</p>}
          </div>
        </fieldset>
      )}
    </div>
  )
}
