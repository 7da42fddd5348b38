/** Returns the text of a documentation comment without the marks of Markdown and HTML. */
export function plainText(markdown: string): string {
  return markdown
    .replaceAll(/^[ \t]*```[\w-]*[ \t]*\n?/gm, '')
    .replaceAll(/!?\[([^\]\n]{1,300})\]\([^)\n]{0,500}\)/g, '$1')
    .replaceAll(/<\/?(?:p|br|b|i|em|strong|code|pre|ul|ol|li|a)(?:\s[^<>\n]{0,200})?\s*\/?>/gi, '')
    .replaceAll(/^#{1,6}[ \t]+/gm, '')
    .replaceAll(/(\*\*|__)(?=\S)([^\n]{1,300}?)(?<=\S)\1/g, '$2')
    .replaceAll(/`([^`\n]+)`/g, '$1')
    .replaceAll(/\{@link(?:code|plain)?\s+([^}\n|]{1,300})(?:\|\s*([^}\n]{1,300}))?\}/g, (_, target: string, label: string | undefined) =>
      (label ?? target).trim(),
    )
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()
}
