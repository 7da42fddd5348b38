import { Minus, Pencil, Plus, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { Untrusted } from '../../../components/untrusted.tsx'
import { type Difference, type EntryChange, isSame, type SurfaceChanges } from './surface-changes.ts'

const LISTS = { tools: 'Tools', prompts: 'Prompts', resources: 'Resources', resourceTemplates: 'Resource templates' } as const
const KINDS = {
  added: { word: 'Added', icon: Plus, className: 'text-good' },
  removed: { word: 'Removed', icon: Minus, className: 'text-bad' },
  changed: { word: 'Changed', icon: Pencil, className: 'text-accent' },
}

/** Changes for clients, with riskier tools first. */
export function SurfaceComparison({ changes }: { changes: SurfaceChanges }) {
  if (isSame(changes)) return <p>No changes for clients.</p>
  const dangerous = changes.tools.filter(({ dangers }) => dangers.length > 0)
  return (
    <div className="grid gap-6">
      {dangerous.length > 0 && <Dangers tools={dangerous} />}
      {changes.server.length > 0 && (
        <Group title="Server details">
          <li className="py-3">
            <Differences differences={changes.server} />
          </li>
        </Group>
      )}
      {Object.entries(LISTS).map(([list, title]) => {
        const entries = changes[list as keyof typeof LISTS]
        return (
          entries.length > 0 && (
            <Group key={list} title={title}>
              {entries.map((entry) => (
                <Entry key={entry.name} entry={entry} />
              ))}
            </Group>
          )
        )
      })}
    </div>
  )
}

export function Dangers({ tools }: { tools: readonly EntryChange[] }) {
  return (
    <div className="rounded-xl border border-warn-ink bg-warn-ground p-4 text-warn-ink">
      <p className="flex items-center gap-2 font-bold">
        <TriangleAlert aria-hidden className="size-5 shrink-0" /> Higher risk
      </p>
      <ul className="mt-2 grid gap-1">
        {tools.flatMap(({ name, dangers }) =>
          dangers.map((danger) => (
            <li key={`${name} ${danger}`}>
              <code className="font-semibold">
                <Untrusted text={name} />
              </code>{' '}
              {danger}.
            </li>
          )),
        )}
      </ul>
    </div>
  )
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h2 className="font-bold">{title}</h2>
      <ul className="divide-y divide-line">{children}</ul>
    </section>
  )
}

function Entry({ entry: { kind, name, differences, breaks } }: { entry: EntryChange }) {
  const { word, icon: Icon, className } = KINDS[kind]
  return (
    <li className="py-3">
      <p className="flex flex-wrap items-center gap-x-2">
        <Icon aria-hidden className={`size-4 shrink-0 ${className}`} />
        <span className={className}>{word}</span>
        <code className="font-semibold">
          <Untrusted text={name} />
        </code>
      </p>
      {kind === 'changed' && breaks.length > 0 && (
        <p className="mt-1 text-sm">
          Breaking changes: <Untrusted text={breaks.join('; ')} />.
        </p>
      )}
      <Differences differences={differences} />
    </li>
  )
}

function Differences({ differences }: { differences: readonly Difference[] }) {
  return differences.map(({ field, before, after, widened = [] }) => (
    <div key={field} className="mt-2">
      <p className="text-sm text-soft">
        {field}
        {widened.length > 0 && (
          <>
            , accepts more: <Untrusted text={widened.join('; ')} />
          </>
        )}
      </p>
      <div className="mt-1 grid gap-2 md:grid-cols-2">
        <Side label="Before" text={before} className="bg-bad-ground" />
        <Side label="After" text={after} className="bg-good-ground" />
      </div>
    </div>
  ))
}

function Side({ label, text, className }: { label: string; text: string; className: string }) {
  return (
    <div
      className={`max-h-80 min-w-0 overflow-auto rounded-lg px-3 py-2 font-mono text-sm text-ink ${className}`}
      tabIndex={0}
      role="group"
      aria-label={label}
    >
      {text === '' ? <span className="font-sans">None</span> : <Untrusted text={text} multiline />}
    </div>
  )
}
