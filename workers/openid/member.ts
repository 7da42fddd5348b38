import type { NamedPerson } from '../../protocol/openid/person.ts'
import { addIdentityLink, findIdentityLink, findMemberByAddress, type IdentityLink } from '../../store/identities/identity-links.ts'
import type { IdentityProvider } from '../../store/identities/identity-providers.ts'
import type { Store } from '../../store/index.ts'

/** The address a provider vouches for: it says that it was verified, or whoever configured it says that all of its addresses are. */
export function vouchedAddress({ trustsEmails }: { trustsEmails: boolean }, { email, emailVerified }: NamedPerson): string | undefined {
  return emailVerified || trustsEmails ? email : undefined
}

/**
 * Which member a tenant's provider means: the one its subject is linked with, or else the one whose address it vouches for, who is linked now. From then on
 * the address does not matter any more. Never anybody who is no member.
 */
export async function memberNamed(
  store: Store,
  provider: IdentityProvider,
  person: NamedPerson,
  now: Date,
): Promise<IdentityLink | undefined> {
  const linked = await findIdentityLink(store, provider, person.subject)
  if (linked) return linked
  const email = vouchedAddress(provider, person)
  const member = email === undefined ? undefined : await findMemberByAddress(store, provider.tenantId, email)
  if (!member) return undefined
  const { userId } = member
  const made = await addIdentityLink(store, { provider, subject: person.subject, email, userId }, userId, now)
  return made ?? findIdentityLink(store, provider, person.subject) // another request may have linked it first
}
