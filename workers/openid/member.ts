import type { NamedPerson } from '../../protocol/openid/person.ts'
import { addIdentityLink, findIdentityLink, findMemberByAddress, type IdentityLink } from '../../store/identities/identity-links.ts'
import type { IdentityProvider } from '../../store/identities/identity-providers.ts'
import type { Store } from '../../store/index.ts'

/**
 * Returns the email address if the provider vouches for the address, by `email_verified` or by the
 * provider's setting.
 */
export function vouchedAddress({ trustsEmails }: { trustsEmails: boolean }, { email, emailVerified }: NamedPerson): string | undefined {
  return emailVerified || trustsEmails ? email : undefined
}

/**
 * Finds the member named by a tenant's provider, by the link of the subject. Without a link, the
 * vouched address finds a member and creates the link, and later the link alone counts.
 */
export async function findNamedMember(
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
  // a concurrent request may have created the link
  return made ?? findIdentityLink(store, provider, person.subject)
}
