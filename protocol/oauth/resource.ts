import { must } from './errors.ts'

/**
 * Returns a resource for comparison: scheme and host in lower case (RFC 3986 §6.2.2.1), the rest
 * unchanged.
 */
export function comparableResource(resource: string): string {
  return resource.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, (start) => start.toLowerCase())
}

/**
 * Throws invalid_target unless `resource` (RFC 8707 §2) is absent or exactly the issuer's resource.
 */
export function checkResource(values: readonly string[], resource: string | undefined): void {
  const named = values.filter((value) => value !== '').map(comparableResource)
  must(
    named.length === 0 || (named.length === 1 && named[0] === resource),
    'invalid_target',
    resource === undefined
      ? 'resource must be absent or name exactly one server of this platform'
      : `resource must be absent or exactly ${resource}`,
  )
}
