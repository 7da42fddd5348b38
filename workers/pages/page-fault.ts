import { DocumentUnavailable } from '../../store/documents.ts'
import { html, page } from './page.ts'

/** Something wrong that only the person in front of the browser can be told. The detail may quote what an app sent: the page escapes it. */
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
    'This app does not say who it is',
    `Its client_id is the address of a document about it, and that could not be used: ${message}.`,
  )
}
