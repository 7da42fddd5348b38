import { Link } from '@tanstack/react-router'
import { ArrowLeft, MousePointerClick } from 'lucide-react'
import type { ReactNode } from 'react'
import { EmptyState } from '../../../components/empty-state.tsx'
import { Untrusted } from '../../../components/untrusted.tsx'
import type { ToolsSearch } from '../search.ts'

interface ListAndDetailsProps {
  /** Name in the query string. May not exist. */
  chosen: string | undefined
  /** Singular name of the items, such as "tool". */
  noun: string
  list: ReactNode
  details: ReactNode
  /** Instructions of the server for the clients. */
  intro?: string | undefined
}

/** A list with the details of the selected item. Narrow screens show either part. */
export function ListAndDetails({ chosen, noun, list, details, intro }: ListAndDetailsProps) {
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
            <ArrowLeft aria-hidden className="size-4" /> All {noun}s
          </Link>
        )}
        {details ??
          (chosen === undefined ? (
            <EmptyState icon={MousePointerClick} title={`Choose a ${noun}`}>
              {intro === undefined ? (
                'The description, schema and form appear here.'
              ) : (
                <>
                  <p className="mb-2">Instructions for clients:</p>
                  <blockquote tabIndex={0} className="max-h-60 overflow-y-auto text-left text-ink">
                    <Untrusted text={intro} multiline />
                  </blockquote>
                </>
              )}
            </EmptyState>
          ) : (
            <EmptyState icon={MousePointerClick} title={`No ${noun} with this name`}>
              <Untrusted text={chosen} lines={2} /> does not exist in this version, or your access does not cover it.
            </EmptyState>
          ))}
      </div>
    </div>
  )
}
