import type { ReactNode } from 'react'
import { Field, TextInput } from '../components/field.tsx'
import { suggestSlug } from './slug.ts'

export interface Naming {
  name: string
  /** Undefined until one is typed: then it follows from the name. */
  slug: string | undefined
}

/** What was typed, or else one that follows from the name and is not `taken`. */
export function slugOf({ name, slug }: Naming, taken?: readonly string[]): string {
  return slug ?? suggestSlug(name, taken)
}

interface NameAndAddressProps {
  name: string
  slug: string
  onChange: (change: Partial<Naming>) => void
  /** JSON Pointer of a field -> what is wrong with it. */
  fields: ReadonlyMap<string, string>
  /** Of what is named, for browsers that fill it in. */
  autoComplete: 'organization' | 'off'
  /** What the address will be part of. */
  hint?: ReactNode
}

/** The two fields that name a tenant or a server. */
export function NameAndAddress({ name, slug, onChange, fields, autoComplete, hint }: NameAndAddressProps) {
  return (
    <>
      <Field label="Name" error={fields.get('/name')}>
        <TextInput
          value={name}
          onChange={(event) => onChange({ name: event.target.value })}
          maxLength={100}
          required
          autoComplete={autoComplete}
        />
      </Field>
      <Field label="Address" hint={hint} error={fields.get('/slug')}>
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
