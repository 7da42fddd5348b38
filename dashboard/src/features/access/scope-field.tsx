import { Field, Select } from '../../components/field.tsx'

const REACHES = [
  { value: 'read', label: 'tools that only read' },
  { value: 'write', label: 'every tool' },
] as const
export type Reach = (typeof REACHES)[number]['value']

export const SCOPES_OF: Record<Reach, string[]> = { read: ['mcp:read'], write: ['mcp:read', 'mcp:write'] }

/** What something that acts by itself may call. */
export function ScopeField({ reach, onChange, error }: { reach: Reach; onChange: (reach: Reach) => void; error: string | undefined }) {
  return (
    <Field label="It may use" error={error}>
      <Select value={reach} onChange={onChange} options={REACHES} />
    </Field>
  )
}
