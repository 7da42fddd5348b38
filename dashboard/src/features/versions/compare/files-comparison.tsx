import { lazy, Suspense } from 'react'
import { Badge } from '../../../components/badge.tsx'
import { Skeleton } from '../../../components/loaded.tsx'

const FileComparison = lazy(async () => ({ default: (await import('./file-comparison.tsx')).FileComparison }))

/** Longer lines come from a minifier, and a comparison would be unreadable. */
const MAX_LINE = 5_000

type Texts = Readonly<Record<string, string>>

/** Compares files by name. */
export function FilesComparison({ before, after, kind = 'file' }: { before: Texts; after: Texts; kind?: 'file' | 'entry' }) {
  const [one, many] = kind === 'file' ? ['file', 'files'] : ['entry', 'entries']
  const names = [...new Set([...Object.keys(after), ...Object.keys(before)])]
  const changed = names.filter((name) => before[name] !== after[name])
  return (
    <div className="grid gap-5">
      {changed.length === 0 && <p>{names.length === 1 ? `The ${one} is` : `All ${names.length} ${many} are`} unchanged.</p>}
      {changed.map((name) => (
        <section key={name} className="overflow-hidden rounded-xl border border-line bg-sheet shadow-card">
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
          {names.length - changed.length === 1 ? `1 other ${one} is` : `${names.length - changed.length} other ${many} are`} unchanged.
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
