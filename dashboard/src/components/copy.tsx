import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { buttonClass } from './button.tsx'

function useCopy(text: string): { copied: boolean; copy: () => void; failed: boolean } {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle')
  useEffect(() => {
    if (state === 'idle') return undefined
    const timer = setTimeout(() => setState('idle'), 2000)
    return () => clearTimeout(timer)
  }, [state])
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => setState('copied'),
      () => setState('failed'),
    )
  }
  return { copied: state === 'copied', failed: state === 'failed', copy }
}

/** `what` completes the label for screen readers, such as "the endpoint". */
export function CopyButton({ text, what, className = '' }: { text: string; what: string; className?: string }) {
  const { copied, failed, copy } = useCopy(text)
  const Icon = copied ? Check : Copy
  return (
    <button type="button" onClick={copy} className={buttonClass('secondary', `px-3! ${className}`)}>
      <Icon aria-hidden className="size-4 shrink-0" />
      <span aria-live="polite">{copied ? 'Copied' : failed ? 'Select and copy manually' : 'Copy'}</span>
      <span className="sr-only">{what}</span>
    </button>
  )
}

/** A line of text with a copy button. Long lines wrap. */
export function CopyLine({ text, what }: { text: string; what: string }) {
  return (
    <div className="flex flex-wrap items-stretch gap-2 sm:flex-nowrap">
      <code className="min-w-0 flex-1 basis-60 rounded-lg border border-line bg-ground px-3 py-1.5 font-mono text-sm leading-6 [overflow-wrap:anywhere] whitespace-pre-wrap select-all">
        {text}
      </code>
      <CopyButton text={text} what={what} className="self-start" />
    </div>
  )
}
