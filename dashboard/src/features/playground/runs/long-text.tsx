import { Copy } from 'lucide-react'
import { useState } from 'react'
import { Button, IconButton } from '../../../components/button.tsx'
import { toast } from '../../../components/toast.tsx'
import { Untrusted } from '../../../components/untrusted.tsx'

/** Maximum length that <Untrusted> shows. */
const SLICE = 10_000
const MAX_SLICES = 50

interface LongTextProps {
  text: string
  /** Accessible name, such as "the result". */
  what: string
  mono?: boolean
}

/** Untrusted text of any length. Shows the beginning, and the rest on demand. */
export function LongText({ text, what, mono = false }: LongTextProps) {
  const [all, setAll] = useState(false)
  const slices = all ? Math.min(MAX_SLICES, Math.ceil(text.length / SLICE)) : 1
  const isLong = text.length > 400
  return (
    <div className="grid grid-cols-1 min-w-0 gap-2">
      <div className="relative min-w-0">
        <div
          {...(isLong ? { tabIndex: 0, role: 'group', 'aria-label': what } : {})}
          className={`max-h-[32rem] min-h-10 overflow-auto rounded-lg border border-line bg-ground py-2 pr-12 pl-3 ${mono ? 'font-mono text-sm' : ''}`}
        >
          {Array.from({ length: slices }, (_, index) => (
            <Untrusted key={index} text={text.slice(index * SLICE, (index + 1) * SLICE)} multiline />
          ))}
          {text === '' && <span className="text-soft">Empty.</span>}
        </div>
        <IconButton icon={Copy} label={`Copy ${what}`} onClick={() => copy(text)} className="absolute! top-0.5 right-0.5 size-9!" />
      </div>
      {!all && text.length > SLICE && (
        <Button kind="secondary" onClick={() => setAll(true)} className="justify-self-start">
          Show all {text.length.toLocaleString('en')} characters
        </Button>
      )}
    </div>
  )
}

function copy(text: string): void {
  navigator.clipboard.writeText(text).then(
    () => toast('Copied.'),
    () => toast('Copying is blocked by the browser. Select the text and copy it manually.', 'bad'),
  )
}

export function JsonText({ value, what }: { value: unknown; what: string }) {
  return <LongText text={JSON.stringify(value, null, 2) ?? 'undefined'} what={what} mono />
}
