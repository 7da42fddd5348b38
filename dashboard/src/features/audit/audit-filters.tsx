import { useEffect, useState } from 'react'
import { Field, Select, TextInput } from '../../components/field.tsx'
import type { AuditSearch } from './audit-search.ts'
import { FAMILY_OPTIONS } from './families.ts'

/** Pause in typing before a search. */
const SEARCH_DELAY_MS = 300

interface AuditFiltersProps {
  search: AuditSearch
  onChange: (change: Partial<AuditSearch>) => void
  actors: readonly { value: string; label: string }[]
}

/** Filters of the audit log. */
export function AuditFilters({ search, onChange, actors }: AuditFiltersProps) {
  const [typed, setTyped] = useState(search.search ?? '')
  useEffect(() => {
    const wanted = typed.trim() || undefined
    if (wanted === search.search) return undefined
    const timer = setTimeout(() => onChange({ search: wanted }), SEARCH_DELAY_MS)
    return () => clearTimeout(timer)
  }, [typed])
  return (
    <div
      role="search"
      aria-label="Audit events"
      className="grid gap-3 border-b border-line p-4 sm:grid-cols-2 xl:grid-cols-[minmax(0,2fr)_repeat(2,minmax(0,1fr))_auto_auto]"
    >
      <Field label="Search" className="sm:col-span-2 xl:col-span-1">
        <TextInput
          type="search"
          placeholder="A server, person, client or id"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          maxLength={100}
        />
      </Field>
      <Field label="Kind">
        <Select
          value={search.kind ?? 'all'}
          onChange={(kind) => onChange({ kind: kind === 'all' ? undefined : kind })}
          options={FAMILY_OPTIONS}
        />
      </Field>
      <Field label="User">
        <Select
          value={search.actor ?? ''}
          onChange={(actor) => onChange({ actor: actor || undefined })}
          options={[{ value: '', label: 'Everyone' }, ...actors]}
        />
      </Field>
      <Field label="From">
        <TextInput
          type="date"
          value={search.from ?? ''}
          max={search.to}
          onChange={(event) => onChange({ from: event.target.value || undefined })}
        />
      </Field>
      <Field label="To">
        <TextInput
          type="date"
          value={search.to ?? ''}
          min={search.from}
          onChange={(event) => onChange({ to: event.target.value || undefined })}
        />
      </Field>
    </div>
  )
}
