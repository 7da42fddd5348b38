import { PageFault } from '../../pages/page-fault.ts'
import { html, page } from '../../pages/page.ts'
import { appWithoutSignIn } from '../continue-path.ts'

/**
 * What went wrong with a sign-in, to the person: the app that may be waiting at `next`, where they were going, hears of it only if they say so
 * (docs/decisions/0009).
 */
export async function orSignInFault(handle: () => Promise<Response>, next = '/dashboard/'): Promise<Response> {
  try {
    return await handle()
  } catch (error) {
    if (!(error instanceof PageFault)) throw error
    const { status, title, message } = error
    const backToApp = appWithoutSignIn(next)
    // an authorization request leads to the sign-in page of its tenant
    const otherWay = backToApp ? next : `/auth/sign-in?continue=${encodeURIComponent(next)}`
    return page({
      status,
      title,
      headers: status === 429 ? { 'Retry-After': '60' } : {},
      body: html`<h1>${title}</h1>
        <p>${message}</p>
        <p><a href="${otherWay}">Sign in another way</a></p>
        ${backToApp ? html`<p><a href="${backToApp}">Go back to the app without signing in</a></p>` : ''}`,
    })
  }
}

export function signInOver(): PageFault {
  return new PageFault(
    400,
    'This sign-in is over',
    'It was finished before, took longer than ten minutes, or was begun in another browser. Start it again.',
  )
}
