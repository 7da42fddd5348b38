import { Field, Select } from '../../components/field.tsx'

const REACHES = [
  { value: 'read', label: 'Read-only tools' },
  { value: 'write', label: 'All tools' },
] as const
export type Reach = (typeof REACHES)[number]['value']

export const SCOPES_OF: Record<Reach, string[]> = { read: ['mcp:read'], write: ['mcp:read', 'mcp:write'] }

/** Scopes of a machine grant or an access key. */
export function ScopeField({ reach, onChange, error }: { reach: Reach; onChange: (reach: Reach) => void; error: string | undefined }) {
  return (
    <Field label="Permissions" error={error}>
      <Select value={reach} onChange={onChange} options={REACHES} />
    </Field>
  )
}
