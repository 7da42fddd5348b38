import { must } from '../errors.ts'

/**
 * Returns the response types. `code` belongs to authorization_code, and other grant types have none
 * (RFC 7591 §2.1).
 */
export function checkResponseTypes(asked: string[] | undefined, redirects: boolean): string[] {
  if (!redirects) {
    // `code` is the default and may be sent even without authorization_code
    must(
      (asked ?? []).every((type) => type === 'code'),
      'invalid_client_metadata',
      'response_types must be empty without authorization_code',
    )
    return []
  }
  must(
    asked === undefined || (asked.length === 1 && asked[0] === 'code'),
    'invalid_client_metadata',
    'response_types must contain only code with authorization_code',
  )
  return ['code']
}
