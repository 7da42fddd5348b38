import { Fragment } from 'react'

const MAX = 10_000
/** What cannot be seen: direction marks and their like (Cf), which could make a text read as another, and control characters (Cc) but tab and line feed. The joiners of scripts and emoji stay. */
const MARKS = /((?![\t\n\u200c\u200d])[\p{Cf}\p{Cc}])/u
const IS_MARK = new RegExp(`^${MARKS.source}$`, 'u')

interface UntrustedProps {
  /** Anything somebody outside wrote: names, descriptions, logs. */
  text: string
  /** Shows its own line breaks. */
  multiline?: boolean
  /** Lines shown before it is cut; the rest is in the title. */
  lines?: 1 | 2 | 3
}

const CLAMP = { 1: 'line-clamp-1', 2: 'line-clamp-2', 3: 'line-clamp-3' }

/** Text as text: nothing in it is markup, its direction ends with it, marks that cannot be seen are shown, and 10,000 characters are enough. */
export function Untrusted({ text, multiline = false, lines }: UntrustedProps) {
  const shown = text.length > MAX ? text.slice(0, MAX) : text
  return (
    <bdi className={`[overflow-wrap:anywhere] ${multiline ? 'whitespace-pre-wrap' : ''} ${lines ? CLAMP[lines] : ''}`}>
      {shown.split(MARKS).map((part, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- parts of one text, which have no other name
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
