/**
 * Units with their length in seconds. A unit applies from `from` seconds on, so 90 days are
 * not shown as 3 months.
 */
const UNITS: [unit: Intl.RelativeTimeFormatUnit, seconds: number, from?: number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000, 8_640_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
]

const format = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

export function relativeText(at: number, now: number): string {
  const seconds = Math.round((at - now) / 1000)
  const round = seconds < 0 ? Math.trunc : Math.round
  for (const [unit, size, from = size] of UNITS) if (Math.abs(seconds) >= from) return format.format(round(seconds / size), unit)
  return seconds > 0 ? 'in a moment' : 'just now'
}
