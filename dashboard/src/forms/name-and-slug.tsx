import type { ReactNode } from 'react'
import { Field, TextInput } from '../components/field.tsx'
import { suggestSlug } from './slug.ts'

export interface Naming {
  name: string
  /** Undefined until the user types a slug. */
  slug: string | undefined
}

/** Returns the typed slug, or a free slug derived from the name. */
export function slugOf({ name, slug }: Naming, taken?: readonly string[]): string {
  return slug ?? suggestSlug(name, taken)
}

interface NameAndSlugProps {
  name: string
  slug: string
  onChange: (change: Partial<Naming>) => void
  /** JSON Pointer of a field -> error. */
  fields: ReadonlyMap<string, string>
  /** Autofill hint for the name. */
  autoComplete: 'organization' | 'off'
  /** Shows the URL that contains the slug. */
  hint?: ReactNode
}

/** Name, and slug for URLs. */
export function NameAndSlug({ name, slug, onChange, fields, autoComplete, hint }: NameAndSlugProps) {
  return (
    <>
      <Field label="Name" error={fields.get('/name')}>
        <TextInput
          value={name}
          onChange={(event) => onChange({ name: event.target.value })}
          maxLength={64}
          required
          autoComplete={autoComplete}
        />
      </Field>
      <Field label="Slug" hint={hint} error={fields.get('/slug')}>
        <TextInput
          value={slug}
          onChange={(event) => onChange({ slug: event.target.value })}
          maxLength={30}
          required
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          className="font-mono"
        />
      </Field>
    </>
  )
}
