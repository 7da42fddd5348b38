import { must } from './errors.ts'

/** RFC 8707 §2 with the one resource an issuer has: absent means that one, and no other spelling of it is accepted. */
export function checkResource(values: readonly string[], resource: string | undefined): void {
  const named = values.filter((value) => value !== '')
  must(
    named.length === 0 || (named.length === 1 && named[0] === resource),
    'invalid_target',
    resource === undefined
      ? 'resource must name a server of this platform, once, or be left out'
      : `resource must be ${resource}, once, or be left out`,
  )
}
