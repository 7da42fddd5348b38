import { DocumentUnavailable } from '../../hosting/upstream/document-fetch.ts'
import { html, page } from './page.ts'

/**
 * Error shown to the user in the browser, because no client may receive it. The page escapes quoted
 * input.
 */
export class PageFault extends Error {
  readonly status: number
  readonly title: string
  constructor(status: number, title: string, detail: string) {
    super(detail)
    this.status = status
    this.title = title
  }
}

export async function orFaultPage(handle: () => Promise<Response>): Promise<Response> {
  try {
    return await handle()
  } catch (error) {
    const fault = error instanceof DocumentUnavailable ? documentFault(error) : error
    if (!(fault instanceof PageFault)) throw error
    const { status, title, message } = fault
    return page({
      status,
      headers: status === 429 ? { 'Retry-After': '60' } : {},
      title,
      body: html`<h1>${title}</h1>
        <p>${message}</p>`,
    })
  }
}

function documentFault({ message, tooOften }: DocumentUnavailable): PageFault {
  return new PageFault(
    tooOften ? 429 : 400,
    'The app’s client document cannot be used',
    `The app’s client_id is the URL of a metadata document, which cannot be used: ${message}.`,
  )
}
