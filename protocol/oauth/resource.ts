import { must } from './errors.ts'

/** A resource as it is compared: scheme and host have no case (RFC 3986 §6.2.2.1), which MCP asks to bear with; all else is as it stands. */
export function comparableResource(resource: string): string {
  return resource.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, (start) => start.toLowerCase())
}

/** RFC 8707 §2 with the one resource an issuer has: absent means that one, and no other spelling of it is accepted. */
export function checkResource(values: readonly string[], resource: string | undefined): void {
  const named = values.filter((value) => value !== '').map(comparableResource)
  must(
    named.length === 0 || (named.length === 1 && named[0] === resource),
    'invalid_target',
    resource === undefined
      ? 'resource must name a server of this platform, once, or be left out'
      : `resource must be ${resource}, once, or be left out`,
  )
}
