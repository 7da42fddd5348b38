import { sha256 } from '../../../protocol/random.ts'
import { useAssertionId } from '../../../store/clients/assertion-ids.ts'
import { addCredential } from '../../../store/people/credentials.ts'
import { addIdentityLink } from '../../../store/identities/identity-links.ts'
import { findInvitationFor } from '../../../store/tenants/invitations.ts'
import { findRole } from '../../../store/tenants/members.ts'
import { html, page } from '../../pages/page.ts'
import { clearCookie, openCookie } from '../sealed-cookie.ts'
import { signInFault, endedSignIn } from './fault.ts'
import { UNLINKED, type Unlinked } from './flow.ts'
import { findOpenIdProvider, type OpenIdProvider } from '../../openid/provider.ts'
import { findSignedIn } from '../../people.ts'
import type { AppRequest, Handler, User } from '../../request.ts'
import { readPageForm } from '../../pages/form.ts'
import { seeOther } from '../../responses.ts'

/*
 * Linking an unknown person of a provider to an account. The person proves the account by signing
 * in to the account first.
 */

export const showLink: Handler<AppRequest> = async (request) => {
  const { unlinked, provider } = await readUnlinked(request, new URL(request.url).searchParams.get('key') ?? '')
  const who = unlinked.email ?? unlinked.subject
  const signedIn = await findSignedIn(request, undefined)
  if (!signedIn) return signInFirst(request, provider, who)
  await membershipOf(request, provider, unlinked, signedIn.user)
  return page({
    title: 'Link accounts',
    body: html`<h1>Link your account at ${provider.name}?</h1>
      <dl>
        <dt>Your account</dt>
        <dd>${signedIn.user.email}</dd>
        <dt>Account at the provider</dt>
        <dd>${who}<br /><code>${provider.issuer}</code></dd>
      </dl>
      <p>${whatItMeans(provider)}</p>
      <form method="post" action="/auth/openid/link">
        <input type="hidden" name="key" value="${unlinked.key}" />
        <input type="hidden" name="user" value="${signedIn.user.id}" />
        <button type="submit">Link accounts</button>
        <a class="button secondary" href="/dashboard/">Not now</a>
      </form>`,
  })
}

/** Creates the link, once, for the person shown the page. */
export const acceptLink: Handler<AppRequest> = async (request) => {
  const { key = '', user } = await readPageForm(request)
  const { unlinked, provider } = await readUnlinked(request, key)
  const signedIn = await findSignedIn(request, undefined)
  if (signedIn?.user.id !== user || !signedIn) throw endedSignIn()
  const invitation = await membershipOf(request, provider, unlinked, signedIn.user)
  const now = new Date()
  if (!(await useAssertionId(request.store, request.addresses.origin, await sha256(`link ${key}`), now))) throw endedSignIn()
  const { subject, email, issuer } = unlinked
  const userId = signedIn.user.id
  const linked = provider.ofTenant
    ? await addIdentityLink(
        request.store,
        { provider: provider.ofTenant, subject, email, userId, ...(invitation ? { invitation } : {}) },
        userId,
        now,
      )
    : await addCredential(request.store, { issuer, subject, userId, provesAddress: false }, now)
  if (!linked)
    throw signInFault(
      409,
      'The accounts could not be linked',
      `Your account or the account at ${provider.name} has another link. Remove that link first.`,
    )
  const response = seeOther(unlinked.next)
  for (const cookie of clearCookie(request, UNLINKED, key)) response.headers.append('Set-Cookie', cookie)
  return response
}

async function readUnlinked(request: AppRequest, key: string): Promise<{ unlinked: Unlinked; provider: OpenIdProvider }> {
  const unlinked = /^[\w-]{12}$/.test(key) ? await openCookie(request, UNLINKED, key) : undefined
  const provider = unlinked?.key === key ? await findOpenIdProvider(request, unlinked.provider) : undefined
  if (!unlinked || provider?.issuer !== unlinked.issuer) throw endedSignIn()
  return { unlinked, provider }
}

/**
 * Returns the invitation used to join the provider's tenant, or undefined for members. The
 * invitation must name an address vouched for by the provider and equal to the account's address,
 * because addresses of accounts are unverified.
 */
async function membershipOf({ store }: AppRequest, { ofTenant }: OpenIdProvider, { email, isTheirAddress }: Unlinked, user: User) {
  if (!ofTenant || (await findRole(store, ofTenant.tenantId, user.id))) return undefined
  const isSame = isTheirAddress && email === user.email
  const invitation = isSame ? await findInvitationFor(store, ofTenant.tenantId, user.email, new Date()) : undefined
  if (!invitation)
    throw signInFault(
      403,
      `You are not a member of ${ofTenant.tenant.name}`,
      `You are signed in as ${user.email}. Ask an admin of ${ofTenant.tenant.slug} to invite this address, or sign in with another account.`,
    )
  return invitation
}

function signInFirst({ url }: AppRequest, { name, ofTenant }: OpenIdProvider, who: string): Response {
  const { pathname, search } = new URL(url)
  return page({
    title: 'Account not linked',
    status: 403,
    body: html`<h1>No account is linked with ${who}</h1>
      <p>${name} signed you in as ${who}. If you have an account on this platform, sign in now to link both.</p>
      ${
        ofTenant
          ? html`<p class="soft">Without an account, ask an admin of ${ofTenant.tenant.slug} to invite ${who}, then sign in again.</p>`
          : ''
      }
      <p><a class="button" href="/auth/sign-in?continue=${encodeURIComponent(pathname + search)}">Sign in to your account</a></p>`,
  })
}

function whatItMeans({ name, issuer, ofTenant }: OpenIdProvider): string {
  return ofTenant
    ? `After that, ${issuer} can sign you in, for ${ofTenant.tenant.name} (${ofTenant.tenant.slug}) only. That tenant controls the provider.`
    : `After that, you can sign in with ${name} or with your password.`
}
