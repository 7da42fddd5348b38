const PLACEHOLDER = /\{\{\s*([A-Za-z_][\w-]*)\s*\}\}/g

/** Returns the distinct names of the placeholders in a text. */
export function placeholdersOf(text: string): string[] {
  return [...new Set([...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name))]
}

/**
 * Replaces `{{name}}` by the value of the name. Placeholders inside values are not replaced, and
 * placeholders without a value stay. Returns undefined if the text would exceed the limit, because
 * a long value may occur many times.
 */
export function fillText(text: string, values: ReadonlyMap<string, string>, maxLength: number): string | undefined {
  let length = text.length
  for (const [placeholder, name = ''] of text.matchAll(PLACEHOLDER)) {
    length += (values.get(name)?.length ?? placeholder.length) - placeholder.length
  }
  if (length > maxLength) return undefined
  return text.replaceAll(PLACEHOLDER, (placeholder: string, name: string) => values.get(name) ?? placeholder)
}
