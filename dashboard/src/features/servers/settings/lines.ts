export function linesOf(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter((line) => line !== ''))]
}

/** Names an invalid entry by the text, because the API identifies entries by index. */
export function lineFault(fields: ReadonlyMap<string, string>, field: string, sent: string[]): string | undefined {
  for (const [pointer, detail] of fields) {
    const index = new RegExp(`^/${field}/(\\d+)$`).exec(pointer)?.[1]
    if (index !== undefined) return `have an invalid entry: “${sent[Number(index)] ?? ''}” ${detail}`
    if (pointer === `/${field}`) return detail
  }
  return undefined
}
