export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

/**
 * Returns invented sales with a busy end of the year. The noise depends only on the year and the
 * month.
 */
export function salesOf(year: number, month: number): number {
  const season = 1 + 0.35 * Math.cos(((month - 11) / 12) * 2 * Math.PI)
  const noise = ((year * 31 + month * 17) % 97) / 97
  return Math.round(1_000 * season + 250 * noise)
}
