import { useQuery } from '@tanstack/react-query'
import { Untrusted } from '../../components/untrusted.tsx'
import { membersQuery } from './queries.ts'

/** Who did it, by name while they are a member; null = nobody, or somebody whose account is gone. */
export function MemberName({ tenant, userId }: { tenant: string; userId: string | null }) {
  const members = useQuery(membersQuery(tenant))
  if (userId === null) return '–'
  const found = members.data?.find((member) => member.userId === userId)
  return found ? <Untrusted text={found.name} lines={1} /> : <span title={userId}>no member any more</span>
}

/** Returns a lookup of member names by user id. Undefined for former members, and while the list is loading. */
export function useMemberName(tenant: string): (userId: string | null) => string | undefined {
  const { data: members } = useQuery(membersQuery(tenant))
  return (userId) => members?.find((member) => member.userId === userId)?.name
}
