import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import type { ModulesBody, VersionBody } from '../../../../../protocol/api.ts'
import { Badge } from '../../../components/badge.tsx'
import { Loaded, Skeleton } from '../../../components/loaded.tsx'
import { filesQuery } from '../queries.ts'

const FileComparison = lazy(async () => ({ default: (await import('./file-comparison.tsx')).FileComparison }))

interface CodeComparisonProps {
  tenant: string
  server: string
  from: VersionBody
  to: VersionBody
}

/**
 * Compares the sources or contents of two versions, or the deployed modules if a version has no
 * sources.
 */
export function CodeComparison({ tenant, server, from, to }: CodeComparisonProps) {
  const [before, after] = [useQuery(filesQuery(tenant, from, server)), useQuery(filesQuery(tenant, to, server))]
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

/** Longer lines come from a minifier, and a comparison would be unreadable. */
const MAX_LINE = 5_000

function Files({ was, is }: { was: ModulesBody; is: ModulesBody }) {
  const hasSources = was.sources !== null && is.sources !== null
  const [before, after] = hasSources ? [was.sources?.files ?? {}, is.sources?.files ?? {}] : [was.modules, is.modules]
  const names = [...new Set([...Object.keys(after), ...Object.keys(before)])]
  const changed = names.filter((name) => before[name] !== after[name])
  return (
    <div className="grid gap-5">
      {!hasSources && <p className="text-soft">Compares the deployed modules, because not both versions have sources.</p>}
      {changed.length === 0 && <p>{names.length === 1 ? 'The file is' : `All ${names.length} files are`} unchanged.</p>}
      {changed.map((name) => (
        <section key={name} className="overflow-hidden rounded-2xl border border-line bg-sheet">
          <h2 className="flex flex-wrap items-center gap-2 border-b border-line px-4 py-2 font-semibold">
            <code className="[overflow-wrap:anywhere]">{name}</code>
            {!Object.hasOwn(before, name) && <Badge tone="good">Added</Badge>}
            {!Object.hasOwn(after, name) && <Badge tone="bad">Removed</Badge>}
          </h2>
          <FileBody name={name} before={before[name] ?? ''} after={after[name] ?? ''} />
        </section>
      ))}
      {changed.length > 0 && changed.length < names.length && (
        <p className="text-soft">
          {names.length - changed.length === 1 ? '1 other file is' : `${names.length - changed.length} other files are`} unchanged.
        </p>
      )}
    </div>
  )
}

function FileBody({ name, before, after }: { name: string; before: string; after: string }) {
  if ([before, after].some((text) => text.split('\n').some((line) => line.length > MAX_LINE))) {
    return (
      <p className="px-4 py-3">
        Changed: {before.length.toLocaleString('en')} characters before, {after.length.toLocaleString('en')} after. The file is minified, so
        no line comparison is shown.
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
