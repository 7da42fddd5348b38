/** A template of RFC 6570 level 1, split at the variables. */
export interface UriTemplate {
  prefix: string
  /** Variables with the literal text behind the variable. */
  variables: { name: string; suffix: string }[]
}

/**
 * Parses a template such as `handbook://offices/{city}`. Returns undefined if the template has no
 * variable, uses an operator, repeats a variable, or has two variables side by side.
 */
export function parseUriTemplate(template: string): UriTemplate | undefined {
  const [prefix = '', ...rest] = template.split(/\{([A-Za-z_][\w-]*)\}/)
  const variables: UriTemplate['variables'] = []
  for (let at = 0; at < rest.length; at += 2) variables.push({ name: rest[at] ?? '', suffix: rest[at + 1] ?? '' })
  const literals = [prefix, ...variables.map(({ suffix }) => suffix)]
  const names = new Set(variables.map(({ name }) => name))
  const isParsed =
    names.size > 0 &&
    names.size === variables.length &&
    !literals.some((literal) => /[{}]/.test(literal)) &&
    variables.slice(0, -1).every(({ suffix }) => suffix !== '')
  return isParsed ? { prefix, variables } : undefined
}

/**
 * Returns the variables' values in a URI, or undefined if the URI does not match. A value ends at
 * the first occurrence of the literal behind the variable, so matching takes linear time.
 */
export function matchUriTemplate({ prefix, variables }: UriTemplate, uri: string): Map<string, string> | undefined {
  if (!uri.startsWith(prefix)) return undefined
  const values = new Map<string, string>()
  let at = prefix.length
  for (const [index, { name, suffix }] of variables.entries()) {
    const isLast = index === variables.length - 1
    const end = isLast ? uri.length - suffix.length : uri.indexOf(suffix, at)
    if (end <= at || !uri.startsWith(suffix, end)) return undefined
    const value = decoded(uri.slice(at, end))
    if (value === undefined) return undefined
    values.set(name, value)
    at = end + suffix.length
  }
  return values
}

/**
 * Decodes a value. Undefined if the value spans several path segments or is not percent-encoded
 * UTF-8.
 */
function decoded(value: string): string | undefined {
  if (/[/?#]/.test(value)) return undefined
  try {
    return decodeURIComponent(value)
  } catch {
    return undefined
  }
}
