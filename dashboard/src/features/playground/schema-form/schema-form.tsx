// imported by path, because the package index pulls in a validator that compiles schemas to code
import withTheme from '@rjsf/core/lib/withTheme.js'
import { Component, type ReactNode, useMemo, useRef, useState } from 'react'
import type { Schema } from './faults.ts'
import { toFormSchema } from './form-schema.ts'
import { templates } from './templates.tsx'
import { validator } from './validator.ts'
import { widgets } from './widgets.tsx'

type Data = Record<string, unknown>

const ThemedForm = withTheme<Data>({ templates, widgets })

/** Fills in the schema's defaults only. The first of several alternatives is not preselected. */
const DEFAULTS = {
  emptyObjectFields: 'skipEmptyDefaults',
  allOf: 'populateDefaults',
  constAsDefaults: 'skipOneOf',
  requiredBooleanDefault: 'skip',
} as const

const CONTROLS = 'input, select, textarea'

interface SchemaFormProps {
  /** Prefix of the field ids, unique on the page. */
  id: string
  schema: Schema
  value: Data
  onChange: (value: Data) => void
  /** Called with a valid value only. */
  onSubmit: (value: Data) => void
  /** Buttons of the form. */
  children: ReactNode
}

/**
 * A form for an untrusted JSON Schema. Shows a warning without buttons if the form library fails.
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
            // the library would focus an <option>, which cannot take the focus
            const [first] = place.current?.querySelectorAll('[aria-invalid=true]') ?? []
            const control = first?.matches(CONTROLS) ? first : first?.querySelector(CONTROLS)
            if (control instanceof HTMLElement) control.focus()
          }}
        >
          {faults > 0 && (
            <p role="alert" className="mt-4 text-bad">
              {faults === 1 ? '1 field is invalid.' : `${faults} fields are invalid.`} Nothing was sent.
            </p>
          )}
          {children}
        </ThemedForm>
      </div>
    </FormBoundary>
  )
}

/** Catches errors of the form library, so a schema cannot break the page. */
class FormBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false }
  static getDerivedStateFromError() {
    return { failed: true }
  }
  override render() {
    if (!this.state.failed) return this.props.children
    return (
      <p role="alert" className="rounded-lg bg-warn-ground px-4 py-3 text-warn-ink">
        The form could not be created. Use the JSON tab instead.
      </p>
    )
  }
}
