import type { NamedPerson } from '../../../protocol/openid/person.ts'
import { newId } from '../../../protocol/random.ts'
import { addCredential, findByAddress, findCredential } from '../../../store/people/credentials.ts'
import { addIdentityLink, touchIdentityLink, type IdentityLink } from '../../../store/identities/identity-links.ts'
import type { SignInProvider } from '../../../store/identities/identity-providers.ts'
import { findInvitationFor } from '../../../store/tenants/invitations.ts'
import type { AppRequest } from '../../request.ts'
import { closedReason, maySignUp } from '../may-sign-up.ts'
import { memberNamed, vouchedAddress } from '../../openid/member.ts'
import type { OpenIdProvider } from '../../openid/provider.ts'
import { signInFault } from './fault.ts'

/** Whom a sign-in is for; the link is what it rests on, where a tenant's provider said so. */
export interface Identified {
  userId: string
  link?: IdentityLink
}

interface Arrival {
  person: NamedPerson
  /** Where they were going. */
  next: string
  request: AppRequest
}

/** Undefined where nobody here is linked with that subject, and what the provider says is not enough to tell who it is: they have to say so themselves. */
export function identify(provider: OpenIdProvider, arrival: Arrival): Promise<Identified | undefined> {
  return provider.ofTenant ? inTenant(provider.ofTenant, arrival) : onPlatform(provider, arrival)
}

/**
 * By the operator's provider. An address that somebody signed up with is proven by nothing, so an account with a password is not handed to whoever has its
 * address, nor is that person led into an account that somebody else made in their name: see link.ts.
 */
async function onPlatform(provider: OpenIdProvider, { person, next, request }: Arrival): Promise<Identified | undefined> {
  const { store } = request
  const subject = { issuer: provider.issuer, subject: person.subject }
  const known = await findCredential(store, subject)
  if (known) return known
  const email = vouchedAddress(provider, person)
  if (email === undefined) return undefined
  const now = new Date()
  const holder = await findByAddress(store, email)
  if (holder?.hasCredential && !holder.emailVerified) return undefined
  if (!holder && !(await maySignUp(request, next)))
    throw signInFault(403, 'You have no account here', closedReason(request.env).detail, next)
  const userId = holder?.id ?? newId()
  const newcomer = holder ? {} : { newcomer: { name: person.name ?? email, email } }
  const added = await addCredential(store, { ...subject, userId, provesAddress: true, ...newcomer }, now)
  return added ? { userId } : findCredential(store, subject) // another request may have been first
}

/** By a tenant's own provider: a member, or whom the tenant has invited by this address. */
async function inTenant(provider: SignInProvider, arrival: Arrival): Promise<Identified | undefined> {
  const now = new Date()
  const { store } = arrival.request
  const link = (await memberNamed(store, provider, arrival.person, now)) ?? (await admitted(provider, arrival, now))
  if (!link) return undefined
  arrival.request.waitUntil(touchIdentityLink(store, link, now))
  return { userId: link.userId, link }
}

/** Who has an account of their own here accepts an invitation themselves; a newcomer's account is made, and can be reached through this provider only. */
async function admitted(provider: SignInProvider, { person, request }: Arrival, now: Date): Promise<IdentityLink | undefined> {
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
