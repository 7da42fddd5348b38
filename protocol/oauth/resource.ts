import { must } from './errors.ts'

/** RFC 8707 §2 with the one resource an issuer has: absent means that one, and no other spelling of it is accepted. */
export function checkResource(values: readonly string[], resource: string): void {
  const named = values.filter((value) => value !== '')
  must(
    named.length === 0 || (named.length === 1 && named[0] === resource),
    'invalid_target',
    `resource must be ${resource}, once, or be left out`,
  )
}
