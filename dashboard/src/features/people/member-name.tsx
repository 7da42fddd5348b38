import { useQuery } from '@tanstack/react-query'
import { queries } from '../../api.ts'
import { Untrusted } from '../../components/untrusted.tsx'

/** Who did it, by name while they are a member; null = nobody, or somebody whose account is gone. */
export function MemberName({ tenant, userId }: { tenant: string; userId: string | null }) {
  const members = useQuery(queries.members(tenant))
  if (userId === null) return '–'
  const found = members.data?.find((member) => member.userId === userId)
  return found ? <Untrusted text={found.name} lines={1} /> : <span title={userId}>no member any more</span>
}
