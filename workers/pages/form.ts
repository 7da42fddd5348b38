import { readBodyText, type BodyFault } from '../../protocol/http/body.ts'
import { Problem } from '../../protocol/problem.ts'
import type { AppRequest } from '../request.ts'

const MAX_FORM = 16 * 1024

/** Parses a form of the platform's pages, at most 16 KiB. The last of a repeated field counts. */
export async function readPageForm(request: AppRequest): Promise<Record<string, string>> {
  const text = await readBodyText(request, { mediaType: 'application/x-www-form-urlencoded', maxBytes: MAX_FORM, toError: formProblem })
  return Object.fromEntries(new URLSearchParams(text))
}

function formProblem({ status, cause }: BodyFault): Problem {
  switch (status) {
    case 415:
      return new Problem(415, 'Not a form', 'Send the form as application/x-www-form-urlencoded.')
    case 413:
      return new Problem(413, 'Form too large', `The form exceeds the limit of ${MAX_FORM} bytes.`, { cause })
    case 400:
      return new Problem(400, 'Not text', 'The form is not UTF-8.', { cause })
  }
}
