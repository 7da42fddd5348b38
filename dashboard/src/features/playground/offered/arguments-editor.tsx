import { type ReactNode, type SubmitEvent, useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { Field, TextArea } from '../../../components/field.tsx'
import { Tabs } from '../../../components/tabs.tsx'
import { faultsOf, inexactNumbers, type Schema } from '../schema-form/faults.ts'
import { formFault, takesNothing } from '../schema-form/form-schema.ts'
import { SchemaForm } from '../schema-form/schema-form.tsx'
import { unfinishedName, useDraft } from './draft.ts'

interface ArgumentsEditorProps {
  /** Of its own on the page, for ids. */
  id: string
  /** What is written is kept under this name in this tab. */
  keptAs: string
  schema: Schema
  value: Schema
  onChange: (value: Schema) => void
  onSubmit: (value: Schema) => void
  /** The buttons. */
  children: ReactNode
}

/**
 * Arguments by a form made from their schema, or as JSON where a form cannot say what is meant.
 * Both are the same value.
 */
export function ArgumentsEditor({ id, keptAs, schema, value, onChange, onSubmit, children }: ArgumentsEditorProps) {
  const fault = formFault(schema)
  const [{ text }, keep] = useDraft(unfinishedName(keptAs))
  const unfinished = typeof text === 'string' ? text : undefined
  const [tab, setTab] = useState<'form' | 'json'>(fault === undefined && unfinished === undefined ? 'form' : 'json')
  if (takesNothing(schema) && Object.keys(value).length === 0) {
    return (
      <form
        onSubmit={(event) => {
          event.preventDefault()
          onSubmit({})
        }}
      >
        <p className="text-soft">It takes no arguments.</p>
        {children}
      </form>
    )
  }
  // the form says it otherwise now than what was half written beside it
  const changeInForm = (next: Schema) => {
    if (unfinished !== undefined) keep({})
    onChange(next)
  }
  return (
    <Tabs
      label="Arguments"
      value={tab}
      onChange={setTab}
      tabs={[
        {
          value: 'form',
          label: 'Form',
          content:
            fault === undefined ? (
              <SchemaForm id={id} schema={schema} value={value} onChange={changeInForm} onSubmit={onSubmit}>
                {children}
              </SchemaForm>
            ) : (
              <p className="rounded-lg bg-warn-ground px-4 py-3 text-warn-ink">
                There is no form for this schema, because {fault}.{' '}
                <Button kind="quiet" className="underline" onClick={() => setTab('json')}>
                  Write the arguments as JSON
                </Button>
              </p>
            ),
        },
        {
          value: 'json',
          label: 'JSON',
          content: (
            <JsonArguments
              schema={schema}
              value={value}
              unfinished={unfinished}
              onUnfinished={(next) => keep(next === undefined ? {} : { text: next })}
              onChange={onChange}
              onSubmit={onSubmit}
            >
              {children}
            </JsonArguments>
          ),
        },
      ]}
    />
  )
}

interface JsonArgumentsProps extends Omit<ArgumentsEditorProps, 'id' | 'keptAs'> {
  /** What was written and is no JSON yet. */
  unfinished: string | undefined
  onUnfinished: (text: string | undefined) => void
}

/**
 * Sends also what does not fit the schema, if the person insists: how the server refuses that can
 * be what is tried out.
 */
function JsonArguments({ schema, value, unfinished, onUnfinished, onChange, onSubmit, children }: JsonArgumentsProps) {
  const [text, setText] = useState(() => unfinished ?? JSON.stringify(value, null, 2))
  const [complaint, setComplaint] = useState<string>()
  const change = (next: string) => {
    setText(next)
    setComplaint(undefined)
    const parsed = parse(next)
    onUnfinished(typeof parsed === 'string' ? next : undefined)
    if (typeof parsed !== 'string') onChange(parsed)
  }
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const parsed = parse(text)
    if (typeof parsed === 'string') return setComplaint(parsed)
    const faults = complaint === undefined ? describe(schema, parsed) : ''
    if (faults) return setComplaint(`do not fit the schema: ${faults}. Press again to send them all the same`)
    setComplaint(undefined)
    onSubmit(parsed)
  }
  return (
    <form onSubmit={submit}>
      <Field label="Arguments" error={complaint}>
        <TextArea
          value={text}
          onChange={(event) => change(event.target.value)}
          rows={Math.min(20, Math.max(6, text.split('\n').length + 1))}
          spellCheck={false}
          autoCapitalize="none"
          className="font-mono text-sm!"
        />
      </Field>
      {children}
    </form>
  )
}

/** The object, or what is wrong. */
function parse(text: string): Schema | string {
  try {
    const parsed: unknown = JSON.parse(text.trim() || '{}')
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as Schema) : 'must be a JSON object'
  } catch (error) {
    return `are not JSON: ${error instanceof Error ? error.message : String(error)}`
  }
}

function describe(schema: Schema, value: Schema): string {
  try {
    return [...faultsOf(schema, value), ...inexactNumbers(value)]
      .slice(0, 5)
      .map(({ path, message }) => `${path.join('.') || 'the whole'} ${message}`)
      .join('; ')
  } catch {
    return ''
  }
}
