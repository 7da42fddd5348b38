import { sha256 } from '../../protocol/random.ts'
import { acceptInvitation, findOpenInvitation } from '../../store/tenants/invitations.ts'
import { html, page } from '../pages/page.ts'
import type { AppRequest, Handler } from '../request.ts'
import { findSignedIn } from '../people.ts'
import { seeOther } from '../responses.ts'

/**
 * Shows an invitation with a button to accept. Links guessed, used, expired, revoked or meant for
 * another person get the same page.
 */
export const showInvitation: Handler<AppRequest> = async (request) => {
  const found = await findInvitation(request)
  if (!found) return gonePage()
  const signedIn = await findSignedIn(request, found.invitation.tenantId)
  const here = request.location.path
  if (!signedIn) return seeOther(`/auth/sign-up?continue=${encodeURIComponent(here)}`)
  if (!isFor(found.invitation.email, signedIn.user.email)) return gonePage()
  return page({
    title: `Join ${found.tenant.name}`,
    body: html`<h1>Join ${found.tenant.name}?</h1>
      <p>
        You are invited to <strong>${found.tenant.slug}</strong> as ${found.invitation.role}. You are signed in as ${signedIn.user.email}.
      </p>
      <form method="post" action="${here}">
        <button type="submit">Join</button>
        <a class="button secondary" href="/dashboard/">Not now</a>
      </form>`,
  })
}

export const acceptInvitationForm: Handler<AppRequest> = async (request) => {
  const found = await findInvitation(request)
  const signedIn = await findSignedIn(request, found?.invitation.tenantId)
  if (!signedIn) return seeOther(`/auth/sign-in?continue=${encodeURIComponent(request.location.path)}`)
  if (!found || !isFor(found.invitation.email, signedIn.user.email)) return gonePage()
  if (!(await acceptInvitation(request.store, found.invitation, signedIn.user.id, new Date()))) return gonePage()
  return seeOther('/dashboard/')
}

async function findInvitation({ store, params }: AppRequest) {
  const { token = '' } = params
  return /^[\w-]{43}$/.test(token) ? findOpenInvitation(store, await sha256(token), new Date()) : undefined
}

function isFor(invited: string | null, email: string): boolean {
  return invited === null || invited.toLowerCase() === email.toLowerCase()
}

function gonePage(): Response {
  return page({
    title: 'Invitation not found',
    status: 404,
    body: html`<h1>Invitation not found</h1>
      <p>The invitation was used, was withdrawn, has expired, or is for a different e-mail address. Ask for a new invitation.</p>`,
  })
}
