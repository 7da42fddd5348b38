import { type ReactNode, type SubmitEvent, useState } from 'react'
import { Button } from '../../../components/button.tsx'
import { Field, TextArea } from '../../../components/field.tsx'
import { Tabs } from '../../../components/tabs.tsx'
import { faultsOf, inexactNumbers, type Schema } from '../schema-form/faults.ts'
import { formFault, hasNoFields } from '../schema-form/form-schema.ts'
import { SchemaForm } from '../schema-form/schema-form.tsx'
import { invalidJsonName, useDraft } from './draft.ts'

interface ArgumentsEditorProps {
  /** Prefix of element ids, unique on the page. */
  id: string
  /** sessionStorage key of the draft. */
  storageName: string
  schema: Schema
  value: Schema
  onChange: (value: Schema) => void
  onSubmit: (value: Schema) => void
  /** Buttons of the form. */
  children: ReactNode
}

/** Edits arguments in a form generated from the schema, or as JSON. The two tabs share a value. */
export function ArgumentsEditor({ id, storageName, schema, value, onChange, onSubmit, children }: ArgumentsEditorProps) {
  const fault = formFault(schema)
  const [{ text }, keep] = useDraft(invalidJsonName(storageName))
  const invalidJson = typeof text === 'string' ? text : undefined
  const [tab, setTab] = useState<'form' | 'json'>(fault === undefined && invalidJson === undefined ? 'form' : 'json')
  if (hasNoFields(schema) && Object.keys(value).length === 0) {
    return (
      <form
        onSubmit={(event) => {
          event.preventDefault()
          onSubmit({})
        }}
      >
        <p className="text-soft">This tool takes no arguments.</p>
        {children}
      </form>
    )
  }
  // a change in the form replaces invalid JSON in the other tab
  const changeInForm = (next: Schema) => {
    if (invalidJson !== undefined) keep({})
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
                No form available, because {fault}.{' '}
                <Button kind="quiet" className="underline" onClick={() => setTab('json')}>
                  Edit as JSON
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
              invalidJson={invalidJson}
              onInvalidJson={(next) => keep(next === undefined ? {} : { text: next })}
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

interface JsonArgumentsProps extends Omit<ArgumentsEditorProps, 'id' | 'storageName'> {
  /** Typed text that is not valid JSON. */
  invalidJson: string | undefined
  onInvalidJson: (text: string | undefined) => void
}

/**
 * JSON editor. A second submit sends arguments that violate the schema, to test the server's
 * response.
 */
function JsonArguments({ schema, value, invalidJson, onInvalidJson, onChange, onSubmit, children }: JsonArgumentsProps) {
  const [text, setText] = useState(() => invalidJson ?? JSON.stringify(value, null, 2))
  const [error, setError] = useState<string>()
  const change = (next: string) => {
    setText(next)
    setError(undefined)
    const parsed = parse(next)
    onInvalidJson(typeof parsed === 'string' ? next : undefined)
    if (typeof parsed !== 'string') onChange(parsed)
  }
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const parsed = parse(text)
    if (typeof parsed === 'string') return setError(parsed)
    const faults = error === undefined ? describe(schema, parsed) : ''
    if (faults) return setError(`violate the schema: ${faults}. Press again to send them anyway`)
    setError(undefined)
    onSubmit(parsed)
  }
  return (
    <form onSubmit={submit}>
      <Field label="Arguments" error={error}>
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

/** Returns the parsed object, or an error as a predicate. */
function parse(text: string): Schema | string {
  try {
    const parsed: unknown = JSON.parse(text.trim() || '{}')
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as Schema) : 'must be a JSON object'
  } catch (error) {
    return `are not valid JSON: ${error instanceof Error ? error.message : String(error)}`
  }
}

function describe(schema: Schema, value: Schema): string {
  try {
    return [...faultsOf(schema, value), ...inexactNumbers(value)]
      .slice(0, 5)
      .map(({ path, message }) => `${path.join('.') || 'value'} ${message}`)
      .join('; ')
  } catch {
    return ''
  }
}
