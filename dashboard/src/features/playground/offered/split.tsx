import { Link } from '@tanstack/react-router'
import { ArrowLeft, MousePointerClick } from 'lucide-react'
import type { ReactNode } from 'react'
import { EmptyState } from '../../../components/empty-state.tsx'
import { Untrusted } from '../../../components/untrusted.tsx'
import type { ToolsSearch } from '../search.ts'

interface SplitProps {
  /** The name in the address, whether something has it or not. */
  chosen: string | undefined
  missing: string
  list: ReactNode
  details: ReactNode
  /** What the server tells every client before anything else. */
  intro?: string | undefined
}

/** A list with what is chosen of it beside it; on a narrow screen one or the other. */
export function Split({ chosen, missing, list, details, intro }: SplitProps) {
  return (
    <div className="grid grid-cols-1 items-start gap-5 lg:grid-cols-[20rem_minmax(0,1fr)]">
      <div className={`lg:sticky lg:top-4 ${chosen === undefined ? '' : 'hidden lg:block'}`}>{list}</div>
      <div className={`min-w-0 ${chosen === undefined ? 'hidden lg:block' : ''}`}>
        {chosen !== undefined && (
          <Link
            to="."
            search={({ tool: _tool, prompt: _prompt, resource: _resource, ...rest }: ToolsSearch) => rest}
            className="link mb-4 inline-flex items-center gap-1 lg:hidden"
          >
            <ArrowLeft aria-hidden className="size-4" /> All {missing}s
          </Link>
        )}
        {details ??
          (chosen === undefined ? (
            <EmptyState icon={MousePointerClick} title={`Choose a ${missing}`}>
              {intro === undefined ? (
                'Its description, its schema and a form to try it are shown here.'
              ) : (
                <>
                  <p className="mb-2">The server tells its clients:</p>
                  <blockquote tabIndex={0} className="max-h-60 overflow-y-auto text-left text-ink">
                    <Untrusted text={intro} multiline />
                  </blockquote>
                </>
              )}
            </EmptyState>
          ) : (
            <EmptyState icon={MousePointerClick} title={`There is no ${missing} of this name`}>
              <Untrusted text={chosen} lines={2} /> is not among what this version offers you. It may have been renamed, or your access may
              not cover it.
            </EmptyState>
          ))}
      </div>
    </div>
  )
}
