import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import type { ModulesBody } from '../../../../../protocol/api.ts'
import { Badge } from '../../../components/badge.tsx'
import { Loaded, Skeleton } from '../../../components/loaded.tsx'
import { modulesQuery } from '../queries.ts'

const FileComparison = lazy(async () => ({ default: (await import('./file-comparison.tsx')).FileComparison }))

interface CodeComparisonProps {
  tenant: string
  server: string
  from: number
  to: number
}

/** File by file, of the sources where both versions have them, else of what was deployed. */
export function CodeComparison({ tenant, server, from, to }: CodeComparisonProps) {
  const [before, after] = [useQuery(modulesQuery(tenant, server, from)), useQuery(modulesQuery(tenant, server, to))]
  return (
    <Loaded query={before} skeleton={<Skeleton lines={8} />}>
      {(was: ModulesBody) => (
        <Loaded query={after} skeleton={<Skeleton lines={8} />}>
          {(is: ModulesBody) => <Files was={was} is={is} />}
        </Loaded>
      )}
    </Loaded>
  )
}

/** A line longer than this was written by a minifier, and no comparison of it can be read. */
const MAX_LINE = 5_000

function Files({ was, is }: { was: ModulesBody; is: ModulesBody }) {
  const ofSources = was.sources !== null && is.sources !== null
  const [before, after] = ofSources ? [was.sources?.files ?? {}, is.sources?.files ?? {}] : [was.modules, is.modules]
  const names = [...new Set([...Object.keys(after), ...Object.keys(before)])]
  const changed = names.filter((name) => before[name] !== after[name])
  return (
    <div className="grid gap-5">
      {!ofSources && <p className="text-soft">Not both versions have sources, so these are the modules as they were deployed.</p>}
      {changed.length === 0 && <p>{names.length === 1 ? 'The file is' : `All ${names.length} files are`} the same in both.</p>}
      {changed.map((name) => (
        <section key={name} className="overflow-hidden rounded-2xl border border-line bg-sheet">
          <h2 className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2 font-semibold">
            <code className="[overflow-wrap:anywhere]">{name}</code>
            {!Object.hasOwn(before, name) && <Badge tone="good">New</Badge>}
            {!Object.hasOwn(after, name) && <Badge tone="bad">Gone</Badge>}
          </h2>
          <FileBody name={name} before={before[name] ?? ''} after={after[name] ?? ''} />
        </section>
      ))}
      {changed.length > 0 && changed.length < names.length && (
        <p className="text-soft">
          {names.length - changed.length === 1 ? 'One more file is' : `${names.length - changed.length} more files are`} the same in both.
        </p>
      )}
    </div>
  )
}

function FileBody({ name, before, after }: { name: string; before: string; after: string }) {
  if ([before, after].some((text) => text.split('\n').some((line) => line.length > MAX_LINE))) {
    return (
      <p className="px-4 py-3">
        It differs: {before.length.toLocaleString('en')} characters before, {after.length.toLocaleString('en')} after. It is minified, so
        the lines cannot be compared in a way that can be read.
      </p>
    )
  }
  return (
    <Suspense
      fallback={
        <div className="p-4">
          <Skeleton lines={4} />
        </div>
      }
    >
      <FileComparison name={name} before={before} after={after} />
    </Suspense>
  )
}
