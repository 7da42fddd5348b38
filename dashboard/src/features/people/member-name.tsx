import { useQuery } from '@tanstack/react-query'
import { Untrusted } from '../../components/untrusted.tsx'
import { membersQuery } from './queries.ts'

/** Name of a member by user id. Null stands for no user or a deleted user. */
export function MemberName({ tenant, userId }: { tenant: string; userId: string | null }) {
  const name = useMemberName(tenant)(userId)
  if (userId === null) return '–'
  return name === undefined ? <span title={userId}>Former member</span> : <Untrusted text={name} lines={1} />
}

/**
 * Returns a lookup of member names by user id. Undefined for former members, and while the list is
 * loading.
 */
export function useMemberName(tenant: string): (userId: string | null) => string | undefined {
  const { data: members } = useQuery(membersQuery(tenant))
  return (userId) => members?.find((member) => member.userId === userId)?.name
}
