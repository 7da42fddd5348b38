import { APIError } from 'better-auth/api'
import { isSlug } from '../../protocol/location.ts'
import { MAX_PASSWORD } from '../../protocol/password.ts'
import { findSignInProviders, type SignInProvider } from '../../store/identities/identity-providers.ts'
import { findSuspensionBySlug } from '../../store/tenants/suspensions.ts'
import type { AppRequest, Handler } from '../request.ts'
import { html, page, type Html } from '../pages/page.ts'
import { knownBrowser, withinAuthLimit, tooManyAttempts } from './attempts.ts'
import { providerButtons } from './provider-buttons.ts'
import { continuePath, formActionOf, isInvitation } from './continue-path.ts'
import { authEngine } from '../auth-engine.ts'
import { readPageForm } from '../pages/form.ts'
import { findSignIn } from '../people.ts'
import { seeOther } from '../responses.ts'

interface State {
  next: string
  /** Slug of the tenant with the offered providers. */
  tenant: string
  providers: SignInProvider[]
  /** True if the typed tenant has no provider. */
  notFound?: boolean
  /** True if sign-up did not sign the browser in. */
  afterSignUp?: boolean
  email?: string
  fault?: string
  status?: number
}

/**
 * Shows the sign-in page. `?tenant=` offers the providers of a tenant. Unknown tenants and tenants
 * without providers look the same. Without the parameter the page has a field for the tenant name.
 */
export const showSignIn: Handler<AppRequest> = async (request) => {
  const { searchParams } = new URL(request.url)
  const next = nextOf(request)
  // sign-up continues here, whether or not it signed the browser in
  const afterSignUp = searchParams.get('after') === 'sign-up'
  if (afterSignUp && (await findSignIn(request))) return seeOther(next)
  const typed = searchParams.get('typed')
  const tenant = typed?.trim().toLowerCase().slice(0, 30) ?? searchParams.get('tenant') ?? ''
  const providers = await providersOf(request, tenant)
  const notFound = typed !== null && providers.length === 0
  const suspended = providers.length === 0 && isSlug(tenant) ? await findSuspensionBySlug(request.store, tenant) : undefined
  if (suspended !== undefined) return signInPage(request, { next, tenant, providers, fault: suspended, status: 403 })
  return signInPage(request, { next, tenant, providers, notFound, afterSignUp, status: notFound ? 404 : 200 })
}

/**
 * Signs in by password. A wrong address and a wrong password get the same message after the same
 * work.
 */
export const signIn: Handler<AppRequest> = async (request) => {
  const { email = '', password = '', tenant = '', continue: after } = await readPageForm(request)
  const next = continuePath(after, request.addresses.origin)
  if (!(await withinAuthLimit(request, email))) return tooManyAttempts()
  const fault = 'The e-mail address or the password is wrong.'
  const wrong = async () => signInPage(request, { next, tenant, providers: await providersOf(request, tenant), email, fault, status: 401 })
  if (email.length > 320 || password.length > MAX_PASSWORD) return wrong()
  try {
    const { headers } = await authEngine(request.env).api.signInEmail({
      body: { email, password },
      headers: request.headers,
      returnHeaders: true,
    })
    for (const cookie of await knownBrowser(request, email)) headers.append('Set-Cookie', cookie)
    return seeOther(next, headers)
  } catch (error) {
    if (error instanceof APIError && error.statusCode < 500) return wrong()
    throw error
  }
}

/** Ends the sign-in of the browser. The row is deleted, so copies of the cookie are useless. */
export const signOut: Handler<AppRequest> = async (request) => {
  const { headers } = await authEngine(request.env).api.signOut({ headers: request.headers, returnHeaders: true })
  return seeOther('/auth/sign-in', headers)
}

export function nextOf(request: AppRequest): string {
  return continuePath(new URL(request.url).searchParams.get('continue'), request.addresses.origin)
}

async function providersOf({ store }: AppRequest, tenant: string): Promise<SignInProvider[]> {
  return isSlug(tenant) ? findSignInProviders(store, tenant) : []
}

async function signInPage(request: AppRequest, state: State): Promise<Response> {
  const { next, tenant, providers, notFound = false, afterSignUp = false, email = '', fault, status = 200 } = state
  const formAction = await formActionOf(request, next)
  return page({
    title: 'Sign in',
    formAction,
    status,
    body: html`
      <h1>Sign in</h1>
      ${fault ? html`<p class="error" role="alert">${fault}</p>` : ''} ${afterSignUp ? html`<p role="status">${AFTER_SIGN_UP}</p>` : ''}
      ${isInvitation(next) ? html`<p>You have an invitation. Sign in to see the invitation and join.</p>` : ''}
      <form method="post" action="/auth/sign-in">
        <input type="hidden" name="continue" value="${next}" />
        ${providers.length > 0 ? html`<input type="hidden" name="tenant" value="${tenant}" />` : ''}
        <label
          >E-mail address<input name="email" type="email" autocomplete="username" value="${email}" maxlength="320" required autofocus
        /></label>
        <label
          >Password<input name="password" type="password" autocomplete="current-password" maxlength="${MAX_PASSWORD}" required
        /></label>
        <button type="submit">Sign in</button>
      </form>
      ${providerButtons(request.env, providers, next)} ${providers.length > 0 ? '' : tenantField(next, notFound ? tenant : undefined)}
      <p class="soft">
        Forgot your password? Ask the operator of this platform for a new one, because the platform sends no mail. The operator runs
        <code>npm run reset-password -- EMAIL</code>.
      </p>
      <p class="soft">New here? <a href="/auth/sign-up?continue=${encodeURIComponent(next)}">Create account</a></p>
    `,
  })
}

const AFTER_SIGN_UP =
  'Sign in to continue. If you had an account with this e-mail address before, it has not changed, and its password is still valid.'

/**
 * Field for the tenant name, for people sent here by a device code or by an app at the root issuer.
 */
function tenantField(next: string, notFound: string | undefined): Html {
  return html`<div class="actions">
    <details class="tools" ${notFound === undefined ? '' : 'open'}>
      <summary>Sign in with your tenant’s provider</summary>
      <form method="get" action="/auth/sign-in">
        <input type="hidden" name="continue" value="${next}" />
        <label
          >Tenant name, as in the URLs of its servers<input
            name="typed"
            value="${notFound ?? ''}"
            maxlength="30"
            autocapitalize="none"
            spellcheck="false"
            required
        /></label>
        ${notFound === undefined ? '' : html`<p class="error" role="alert">No tenant with this name has a sign-in provider.</p>`}
        <button type="submit" class="secondary">Continue</button>
      </form>
    </details>
  </div>`
}
