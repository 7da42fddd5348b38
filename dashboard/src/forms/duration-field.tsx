import { Field, Select } from '../components/field.tsx'

export const DURATIONS = [
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
] as const
export type Days = (typeof DURATIONS)[number]['value']

interface DurationFieldProps {
  days: Days
  onChange: (days: Days) => void
  error: string | undefined
}

/** Lifetime of a new credential. Every credential expires. */
export function DurationField({ days, onChange, error }: DurationFieldProps) {
  return (
    <Field label="Expires after" error={error}>
      <Select value={days} onChange={onChange} options={DURATIONS} />
    </Field>
  )
}
