import { useEffect, useState } from 'react'
import { relativeText } from './relative-text.ts'

const full = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' })

/** "3 minutes ago", with the full date as a tooltip. `at` is ISO 8601 or milliseconds. */
export function RelativeTime({ at }: { at: string | number }) {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000)
    return () => clearInterval(timer)
  }, [])
  const date = new Date(at)
  return (
    <time dateTime={date.toISOString()} title={full.format(date)}>
      {relativeText(date.getTime(), now)}
    </time>
  )
}
