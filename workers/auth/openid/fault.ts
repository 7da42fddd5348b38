import { PageFault } from '../../oauth/fault-page.ts'
import { html, page } from '../../pages/page.ts'

/** What went wrong with a sign-in, to the only one there is to tell. */
export async function orSignInFault(handle: () => Promise<Response>): Promise<Response> {
  try {
    return await handle()
  } catch (error) {
    if (!(error instanceof PageFault)) throw error
    const { status, title, message } = error
    return page({
      status,
      title,
      headers: status === 429 ? { 'Retry-After': '60' } : {},
      body: html`<h1>${title}</h1>
        <p>${message}</p>
        <p><a href="/auth/sign-in">Sign in another way</a></p>`,
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
