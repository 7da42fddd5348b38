import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Badge } from '../../components/badge.tsx'
import { kilobytes } from '../../components/kilobytes.ts'
import { Loaded, Skeleton } from '../../components/loaded.tsx'
import { Untrusted } from '../../components/untrusted.tsx'
import { EditVersionLink } from '../versions/edit-version-link.tsx'
import { manifestQuery } from '../versions/queries.ts'
import type { ContentManifest } from './form.ts'

interface ContentViewProps {
  tenant: string
  server: string
  number: number
  mayDeploy: boolean
}

/** Prompts and documents of a version. */
export function ContentView({ tenant, server, number, mayDeploy }: ContentViewProps) {
  const query = useQuery({ ...manifestQuery(tenant, server, number), enabled: mayDeploy })
  if (!mayDeploy) return <p>Viewing content requires the developer role.</p>
  return (
    <Loaded query={query} skeleton={<Skeleton lines={8} />}>
      {({ manifest }) =>
        manifest.source === 'static' && (
          <div className="grid grid-cols-1 gap-6">
            <EditVersionLink tenant={tenant} server={server} number={number} editor="content" />
            <Content manifest={manifest} />
          </div>
        )
      }
    </Loaded>
  )
}

function Content({ manifest: { instructions, prompts, resources, resourceTemplates } }: { manifest: ContentManifest }) {
  return (
    <>
      {instructions !== undefined && (
        <section>
          <h2 className="mb-1 font-bold">Instructions</h2>
          <Untrusted text={instructions} multiline />
        </section>
      )}
      <Section
        title="Prompts"
        entries={prompts.map(({ name, title, messages, arguments: args }) => ({
          key: name,
          name: title ?? name,
          detail: args.map((argument) => (argument.required ? argument.name : `${argument.name} (optional)`)).join(', '),
          body: (
            <div className="grid grid-cols-1 gap-3">
              {messages.map(({ role, text, resource }, index) => (
                // oxlint-disable-next-line react/no-array-index-key -- versions never change
                <div key={index}>
                  <Badge>{role === 'user' ? 'User' : 'Assistant'}</Badge>
                  <Text text={text ?? `Document ${resource}`} label={`Message ${index + 1} of ${name}`} />
                </div>
              ))}
            </div>
          ),
        }))}
      />
      <Section
        title="Documents"
        entries={resources.map(({ uri, name, title, text, blob = '' }) => ({
          key: uri,
          name: title ?? name,
          detail: uri,
          body:
            text === undefined ? <p>Binary file, {kilobytes((blob.length * 3) / 4)}</p> : <Text text={text} label={`Text of ${name}`} />,
        }))}
      />
      <Section
        title="Resource templates"
        entries={resourceTemplates.map(({ uriTemplate, name, title, text }) => ({
          key: uriTemplate,
          name: title ?? name,
          detail: uriTemplate,
          body: <Text text={text} label={`Text of ${name}`} />,
        }))}
      />
    </>
  )
}

interface Shown {
  key: string
  name: string
  detail: string
  body: ReactNode
}

function Section({ title, entries }: { title: string; entries: readonly Shown[] }) {
  if (entries.length === 0) return null
  return (
    <section>
      <h2 className="font-bold">
        {title} <span className="font-normal text-soft">({entries.length})</span>
      </h2>
      <ul className="divide-y divide-line">
        {entries.map(({ key, name, detail, body }) => (
          <li key={key} className="py-3 [contain-intrinsic-block-size:auto_4rem] [content-visibility:auto]">
            <details>
              <summary>
                <span className="font-semibold">
                  <Untrusted text={name} />
                </span>{' '}
                <span className="text-sm text-soft">
                  <Untrusted text={detail} />
                </span>
              </summary>
              <div className="mt-2">{body}</div>
            </details>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Text({ text, label }: { text: string; label: string }) {
  return (
    <pre
      role="region"
      tabIndex={0}
      aria-label={label}
      className="mt-1 max-h-96 overflow-auto rounded-lg bg-ground p-3 font-mono text-sm whitespace-pre-wrap"
    >
      <Untrusted text={text} multiline />
    </pre>
  )
}
