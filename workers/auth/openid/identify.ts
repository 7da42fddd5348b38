import type { NamedPerson } from '../../../protocol/openid/person.ts'
import { newId } from '../../../protocol/random.ts'
import { addCredential, findByAddress, findCredential } from '../../../store/people/credentials.ts'
import { addIdentityLink, touchIdentityLink, type IdentityLink } from '../../../store/identities/identity-links.ts'
import type { SignInProvider } from '../../../store/identities/identity-providers.ts'
import { findInvitationFor } from '../../../store/tenants/invitations.ts'
import type { AppRequest } from '../../request.ts'
import { closedReason, maySignUp } from '../may-sign-up.ts'
import { findNamedMember, vouchedAddress } from '../../openid/member.ts'
import type { OpenIdProvider } from '../../openid/provider.ts'
import { signInFault } from './fault.ts'

/** The account to sign in to, and the link to a tenant's provider, if any. */
export interface Identified {
  userId: string
  link?: IdentityLink
}

interface Arrival {
  person: NamedPerson
  /** Path to continue at after sign-in. */
  next: string
  request: AppRequest
}

/**
 * Finds or creates the account of a person. Returns undefined if the person must link an account.
 */
export function identify(provider: OpenIdProvider, arrival: Arrival): Promise<Identified | undefined> {
  return provider.ofTenant ? identifyInTenant(provider.ofTenant, arrival) : identifyOnPlatform(provider, arrival)
}

/**
 * Identifies a person of the operator's provider. Addresses of accounts are unverified, so an
 * account with a password is linked only by its owner (link.ts).
 */
async function identifyOnPlatform(provider: OpenIdProvider, { person, next, request }: Arrival): Promise<Identified | undefined> {
  const { store } = request
  const subject = { issuer: provider.issuer, subject: person.subject }
  const known = await findCredential(store, subject)
  if (known) return known
  const email = vouchedAddress(provider, person)
  if (email === undefined) return undefined
  const now = new Date()
  const holder = await findByAddress(store, email)
  if (holder?.hasCredential && !holder.emailVerified) return undefined
  if (!holder && !(await maySignUp(request, next))) throw signInFault(403, 'No account found', closedReason(request.env).detail, next)
  const userId = holder?.id ?? newId()
  const newcomer = holder ? {} : { newcomer: { name: person.name ?? email, email } }
  const added = await addCredential(store, { ...subject, userId, provesAddress: true, ...newcomer }, now)
  // a concurrent request may have created the link
  return added ? { userId } : findCredential(store, subject)
}

/** Identifies a person of a tenant's provider: a member, or a person invited by email address. */
async function identifyInTenant(provider: SignInProvider, arrival: Arrival): Promise<Identified | undefined> {
  const now = new Date()
  const { store } = arrival.request
  const link = (await findNamedMember(store, provider, arrival.person, now)) ?? (await acceptInvitation(provider, arrival, now))
  if (!link) return undefined
  arrival.request.waitUntil(touchIdentityLink(store, link, now))
  return { userId: link.userId, link }
}

/**
 * Accepts an invitation for a newcomer and creates an account, reachable through the provider only.
 * People with an account accept the invitation after signing in.
 */
async function acceptInvitation(provider: SignInProvider, { person, request }: Arrival, now: Date): Promise<IdentityLink | undefined> {
  const { store, env } = request
  const email = vouchedAddress(provider, person)
  const invitation = email === undefined ? undefined : await findInvitationFor(store, provider.tenantId, email, now)
  if (email === undefined || !invitation) return undefined
  const holder = await findByAddress(store, email)
  if (holder?.hasCredential || (!holder && env.SIGN_UP === 'closed')) return undefined
  const userId = holder?.id ?? newId()
  const newcomer = holder ? {} : { newcomer: { name: person.name ?? email, email } }
  return addIdentityLink(store, { provider, subject: person.subject, email, userId, invitation, ...newcomer }, userId, now)
}
