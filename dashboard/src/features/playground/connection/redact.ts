/** Maximum characters of a body or an event. Longer ones are truncated. */
const MAX_BODY = 100_000

const HIDDEN = '(redacted)'

export function redactHeaders(headers: Headers): [string, string][] {
  return [...headers].map(([name, value]) => [name, name === 'authorization' ? `${value.split(' ', 1)[0]} ${HIDDEN}` : value])
}

/** Hides tokens, codes and verifiers in a JSON body. */
export function redact(text: string): string {
  return truncate(text.replaceAll(/("(?:access_token|refresh_token|code|code_verifier)"\s*:\s*)"[^"]*"/g, `$1"${HIDDEN}"`))
}

export function bodyText(body: BodyInit | null | undefined): string {
  if (body instanceof URLSearchParams) {
    const shown = new URLSearchParams(body)
    for (const name of ['code', 'code_verifier', 'token']) if (shown.has(name)) shown.set(name, HIDDEN)
    return truncate(shown.toString())
  }
  return typeof body === 'string' ? truncate(body) : ''
}

export function truncate(text: string): string {
  return text.length > MAX_BODY ? `${text.slice(0, MAX_BODY)}… and ${text.length - MAX_BODY} more characters` : text
}
