import { Field, Select, Switch, TextInput } from '../../components/field.tsx'
import type { ActivitySearch } from './activity-search.ts'

const SHOWN = [
  { value: 'all', label: 'Calls and log lines' },
  { value: 'call', label: 'Calls' },
  { value: 'line', label: 'Log lines' },
] as const

interface ActivityFiltersProps {
  search: ActivitySearch
  onChange: (change: Partial<ActivitySearch>) => void
  live: boolean
  onLive: (live: boolean) => void
}

export function ActivityFilters({ search, onChange, live, onLive }: ActivityFiltersProps) {
  return (
    <div
      role="search"
      aria-label="Activity"
      className="mb-4 grid items-end gap-4 sm:grid-cols-2 lg:grid-cols-[14rem_minmax(0,1fr)_auto_auto]"
    >
      <Field label="Show">
        <Select
          value={search.kind ?? 'all'}
          onChange={(value) => onChange({ kind: value === 'all' ? undefined : value })}
          options={SHOWN}
        />
      </Field>
      <Field label="Correlation ID">
        <TextInput
          value={search.id ?? ''}
          onChange={(event) => onChange({ id: event.target.value.trim() || undefined })}
          placeholder="From an error message"
          maxLength={100}
          autoComplete="off"
          spellCheck={false}
          className="font-mono"
        />
      </Field>
      <div className="sm:py-2">
        <Switch label="Errors only" checked={search.problems ?? false} onChange={(on) => onChange({ problems: on || undefined })} />
      </div>
      <div className="sm:py-2">
        <Switch label="Live" checked={live} onChange={onLive} />
      </div>
    </div>
  )
}
