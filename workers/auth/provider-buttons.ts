import type { SignInProvider } from '../../store/identities/identity-providers.ts'
import { html, type Html } from '../pages/page.ts'
import { platformProvider, tenantProvider } from '../openid/provider.ts'

/**
 * Shows a button for the operator's provider and for each provider of the tenant. The host stands
 * beside the name, because tenants choose the name.
 */
export function providerButtons(env: Env, ofTenant: SignInProvider[], next: string): Html {
  const providers = [...ofTenant.map((provider) => tenantProvider(env, provider)), platformProvider(env)]
  return html`${providers.map((provider) =>
    provider
      ? html`<form method="post" action="/auth/openid/start" class="actions">
          <input type="hidden" name="provider" value="${provider.id}" />
          <input type="hidden" name="continue" value="${next}" />
          <button type="submit" class="secondary">Sign in with ${provider.name}</button>
          <span class="soft"
            >${provider.ofTenant ? html`for members of ${provider.ofTenant.tenant.name}, ` : ''}at ${new URL(provider.issuer).host}</span
          >
        </form>`
      : '',
  )}`
}
