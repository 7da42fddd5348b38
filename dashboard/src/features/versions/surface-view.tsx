import type { Surface } from '../../../../protocol/api.ts'
import { Badge } from '../../components/badge.tsx'
import { Untrusted } from '../../components/untrusted.tsx'

export function SurfaceView({ surface }: { surface: Surface | null }) {
  if (!surface) return <p>Discovery failed, so clients see nothing. See the findings for the cause.</p>
  const { serverInfo, instructions, tools, prompts, resources, resourceTemplates } = surface
  return (
    <div className="grid grid-cols-1 gap-6">
      <p>
        Server name:{' '}
        <strong>
          <Untrusted text={String(serverInfo.title ?? serverInfo.name)} />
        </strong>
        , version <Untrusted text={String(serverInfo.version)} />
      </p>
      {instructions && (
        <section>
          <h2 className="mb-1 font-bold">Instructions</h2>
          <Untrusted text={instructions} multiline />
        </section>
      )}
      <EntryList title="Tools" entries={tools} nameKey="name" />
      <EntryList title="Prompts" entries={prompts} nameKey="name" />
      <EntryList title="Resources" entries={resources} nameKey="uri" />
      <EntryList title="Resource templates" entries={resourceTemplates} nameKey="uriTemplate" />
    </div>
  )
}

/** A list of up to 2,000 entries. The browser skips the rendering of invisible rows. */
function EntryList({ title, entries, nameKey }: { title: string; entries: readonly Record<string, unknown>[]; nameKey: string }) {
  if (entries.length === 0) return null
  return (
    <section className="rounded-xl border border-line bg-sheet px-4 pt-4 pb-1 shadow-card sm:px-5">
      <h2 className="font-bold tracking-tight">
        {title} <span className="font-normal text-soft">({entries.length})</span>
      </h2>
      <ul className="divide-y divide-line">
        {entries.map((entry) => {
          const name = String(entry[nameKey])
          const hints = (entry['annotations'] ?? {}) as Record<string, unknown>
          return (
            <li key={name} className="py-3 [contain-intrinsic-block-size:auto_4rem] [content-visibility:auto]">
              <p className="flex flex-wrap items-center gap-2">
                <code className="font-semibold">
                  <Untrusted text={name} />
                </code>
                {title === 'Tools' && hints['readOnlyHint'] === true && <Badge tone="good">Read-only</Badge>}
                {title === 'Tools' && hints['readOnlyHint'] !== true && <Badge tone="warn">Can write</Badge>}
                {hints['destructiveHint'] === true && <Badge tone="bad">Destructive</Badge>}
              </p>
              {typeof entry['description'] === 'string' && (
                <p className="text-soft">
                  <Untrusted text={entry['description']} lines={3} />
                </p>
              )}
              {title === 'Tools' && (
                <details className="mt-1 text-sm">
                  <summary className="text-soft">Definition</summary>
                  <pre
                    className="mt-1 overflow-x-auto rounded-lg bg-ground p-3 font-mono whitespace-pre-wrap"
                    tabIndex={0}
                    aria-label={`Definition of ${name}`}
                  >
                    <Untrusted text={JSON.stringify(entry, null, 2)} multiline />
                  </pre>
                </details>
              )}
            </li>
          )
        })}
      </ul>
    </section>
  )
}
