export function variablesOf(template: string): string[] {
  const names = [...template.matchAll(/\{[+#./;?&]?([^{}]{1,200})\}/g)].flatMap(([, list = '']) => list.split(','))
  return [...new Set(names.map((name) => name.replace(/(?:\*|:\d+)$/, '').trim()).filter(Boolean))]
}
