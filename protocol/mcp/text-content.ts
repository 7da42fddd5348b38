/** Returns a text block for the `content` of a tool result. */
export function textContent(text: string) {
  return { type: 'text', text }
}
