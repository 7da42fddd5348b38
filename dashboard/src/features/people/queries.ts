import type { InvitationBody, MemberBody } from '../../../../protocol/api.ts'
import { apiPath, list } from '../../api.ts'
import { tenantKey } from '../tenants/queries.ts'

export const membersKey = (tenant: string) => [...tenantKey(tenant), 'members'] as const
export const invitationsKey = (tenant: string) => [...tenantKey(tenant), 'invitations'] as const

export const membersQuery = (tenant: string) => list<MemberBody>(membersKey(tenant), `${apiPath.tenant(tenant)}/members`)

export const invitationsQuery = (tenant: string) => list<InvitationBody>(invitationsKey(tenant), `${apiPath.tenant(tenant)}/invitations`)
