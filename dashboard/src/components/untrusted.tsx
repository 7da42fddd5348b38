import { Fragment } from 'react'
import { IS_MARK, MARKS } from './invisible-characters.ts'

const MAX = 10_000

interface UntrustedProps {
  /** Text from outside the platform: names, descriptions, logs. */
  text: string
  /** Keeps line breaks. */
  multiline?: boolean
  /** Maximum number of lines. */
  lines?: 1 | 2 | 3
}

const CLAMP = { 1: 'line-clamp-1', 2: 'line-clamp-2', 3: 'line-clamp-3' }

/**
 * Untrusted text without markup. Isolates the text direction, makes invisible characters visible,
 * and cuts after 10,000 characters.
 */
export function Untrusted({ text, multiline = false, lines }: UntrustedProps) {
  const shown = text.length > MAX ? text.slice(0, MAX) : text
  return (
    <bdi className={`[overflow-wrap:anywhere] ${multiline ? 'whitespace-pre-wrap' : ''} ${lines ? CLAMP[lines] : ''}`}>
      {shown.split(MARKS).map((part, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- parts of a text have no other key
        <Fragment key={index}>{IS_MARK.test(part) ? <Mark mark={part} /> : part}</Fragment>
      ))}
      {text.length > MAX && <span className="text-soft"> … and {(text.length - MAX).toLocaleString('en')} more characters</span>}
    </bdi>
  )
}

function Mark({ mark }: { mark: string }) {
  const code = (mark.codePointAt(0) ?? 0).toString(16).padStart(4, '0')
  return <span className="rounded bg-warn-ground px-0.5 font-mono text-[0.8em] text-warn-ink">{`\\u${code}`}</span>
}
