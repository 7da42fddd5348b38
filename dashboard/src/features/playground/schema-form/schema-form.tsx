// by its own path: the package's index brings its test tools along, and with them a validator that
// compiles schemas
import withTheme from '@rjsf/core/lib/withTheme.js'
import { Component, type ReactNode, useMemo, useRef, useState } from 'react'
import type { Schema } from './faults.ts'
import { toFormSchema } from './form-schema.ts'
import { templates } from './templates.tsx'
import { validator } from './validator.ts'
import { widgets } from './widgets.tsx'

type Data = Record<string, unknown>

const ThemedForm = withTheme<Data>({ templates, widgets })

/**
 * Only what the schema names as a default is filled in: the first of several alternatives is
 * nobody's choice yet.
 */
const DEFAULTS = {
  emptyObjectFields: 'skipEmptyDefaults',
  allOf: 'populateDefaults',
  constAsDefaults: 'skipOneOf',
  requiredBooleanDefault: 'skip',
} as const

const CONTROLS = 'input, select, textarea'

interface SchemaFormProps {
  /** Starts the ids of its fields: of its own on the page. */
  id: string
  schema: Schema
  value: Data
  onChange: (value: Data) => void
  /** Only with a value that fits the schema. */
  onSubmit: (value: Data) => void
  /** The buttons. */
  children: ReactNode
}

/**
 * A form made from a JSON Schema somebody outside wrote. Where the schema cannot be made one, it
 * says so and keeps its buttons back.
 */
export function SchemaForm({ id, schema, value, onChange, onSubmit, children }: SchemaFormProps) {
  const formSchema = useMemo(() => toFormSchema(schema), [schema])
  const [faults, setFaults] = useState(0)
  const place = useRef<HTMLDivElement>(null)
  return (
    <FormBoundary key={id}>
      <div ref={place}>
        <ThemedForm
          idPrefix={id}
          schema={formSchema}
          formData={value}
          validator={validator}
          uiSchema={{ 'ui:submitButtonOptions': { norender: true } }}
          experimental_defaultFormStateBehavior={DEFAULTS}
          noHtml5Validate
          showErrorList={false}
          onChange={({ formData }) => onChange(formData ?? {})}
          onSubmit={({ formData }) => {
            setFaults(0)
            onSubmit(formData ?? {})
          }}
          onError={(errors) => {
            setFaults(errors.length)
            // the library's own way stops at the first option of a <select>, which takes no focus
            const [first] = place.current?.querySelectorAll('[aria-invalid=true]') ?? []
            const control = first?.matches(CONTROLS) ? first : first?.querySelector(CONTROLS)
            if (control instanceof HTMLElement) control.focus()
          }}
        >
          {faults > 0 && (
            <p role="alert" className="mt-4 text-bad">
              {faults === 1 ? 'One field is not right yet.' : `${faults} fields are not right yet.`} Nothing was sent.
            </p>
          )}
          {children}
        </ThemedForm>
      </div>
    </FormBoundary>
  )
}

/** A schema the library cannot cope with must not take the page along. */
class FormBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false }
  static getDerivedStateFromError() {
    return { failed: true }
  }
  override render() {
    if (!this.state.failed) return this.props.children
    return (
      <p role="alert" className="rounded-lg bg-warn-ground px-4 py-3 text-warn-ink">
        No form could be made from this schema. Write the arguments as JSON instead.
      </p>
    )
  }
}
