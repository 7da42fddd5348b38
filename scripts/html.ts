/** Page that a scripted browser shows. */
export interface Page {
  url: URL
  status: number
  html: string
  /** True if a redirect led to another origin. `url` is then the unrequested target. */
  leftOrigin: boolean
}

/** Returns the page's forms with their hidden fields and ticked boxes. */
export function formsOf({ html }: Page): { action: string; fields: Record<string, string> }[] {
  return [...html.matchAll(/<form[^>]*\saction="([^"]*)"[^>]*>([\s\S]*?)<\/form>/g)].map(([, action = '', inside = '']) => {
    const hidden = inside.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)
    const ticked = inside.matchAll(/<input type="checkbox" name="([^"]*)" checked/g)
    const fields = [...hidden, ...[...ticked].map(([, name = '']) => ['', name, 'on'])]
    return {
      action: unescape(action),
      fields: Object.fromEntries(fields.map(([, name = '', value = '']) => [unescape(name), unescape(value)])),
    }
  })
}

export function linksOf({ html, url }: Page): URL[] {
  return [...html.matchAll(/<a href="([^"]*)"/g)].map(([, href = '']) => new URL(unescape(href), url))
}

export function titleOf({ html }: Page): string {
  return unescape(/<h1>([\s\S]*?)<\/h1>/.exec(html)?.[1]?.trim() ?? '')
}

/** Returns the first 300 characters of the page's text, for error messages. */
export function textOf({ html }: Page): string {
  return unescape(html.replaceAll(/<style[\s\S]*?<\/style>|<[^>]*>/g, ' '))
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 300)
}

function unescape(text: string): string {
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"' }
  return text.replaceAll(/&(amp|lt|gt|quot|#39|#x27);/g, (_, name: string) => named[name] ?? "'")
}
