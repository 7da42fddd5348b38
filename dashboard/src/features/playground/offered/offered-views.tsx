import { getRouteApi, Link } from '@tanstack/react-router'
import { ArrowLeft, MousePointerClick } from 'lucide-react'
import { type ReactNode, useSyncExternalStore } from 'react'
import { EmptyState } from '../../../components/empty-state.tsx'
import { Tabs } from '../../../components/tabs.tsx'
import { Untrusted } from '../../../components/untrusted.tsx'
import { replaceDraft } from './draft.ts'
import { OfferList } from './offer-list.tsx'
import { canChange, titleOf, type Offered, type OfferedPrompt, type OfferedResource } from './offered.ts'
import type { ToolDefinition } from '../../../../../protocol/api.ts'
import { PromptDetails } from './prompt-details.tsx'
import { ResourceDetails } from './resource-details.tsx'
import { RunList } from '../runs/run-list.tsx'
import type { Asked } from '../runs/runs.ts'
import type { ToolsSearch, View } from '../search.ts'
import { draftName, ToolDetails } from './tool-details.tsx'
import type { Played } from '../connection/use-playground.ts'
import { WireView } from '../runs/wire-view.tsx'

const route = getRouteApi('/t/$tenant/s/$server/tools')

interface OfferedViewsProps {
  offered: Offered
  played: Played
  /** The hosted server's OAuth resource: what drafts are kept by. */
  resource: string
}

/** Tools, prompts and resources side by side with what was done with them. */
export function OfferedViews({ offered, played, resource }: OfferedViewsProps) {
  const { view = 'tools', tool, prompt, resource: uri } = route.useSearch()
  const navigate = route.useNavigate()
  const exchanges = useSyncExternalStore(played.playground.wire.subscribe, played.playground.wire.read)
  const go = (change: ToolsSearch) =>
    void navigate({
      search: ({ version, revision }) => ({ ...(version ? { version } : {}), ...(revision ? { revision } : {}), ...change }),
    })
  const read = (address: string) => {
    go({ view: 'resources', resource: address })
    void played.playground.run({ kind: 'resource', uri: address })
  }
  const open = (asked: Asked) => {
    if (asked.kind === 'tool') {
      replaceDraft(draftName(resource, asked.name), asked.given)
      go({ tool: asked.name })
    } else if (asked.kind === 'prompt') go({ view: 'prompts', prompt: asked.name })
    else go({ view: 'resources', resource: asked.uri })
  }
  const chosenTool = offered.tools.find(({ name }) => name === tool)
  const chosenPrompt = offered.prompts.find(({ name }) => name === prompt)
  const chosenResource = offered.resources.find((each) => each.uri === uri) ?? (uri === undefined ? undefined : unlisted(uri))
  return (
    <Tabs<View>
      label="What it offers"
      value={view}
      onChange={(chosen) => go(chosen === 'tools' ? {} : { view: chosen })}
      tabs={[
        {
          value: 'tools',
          label: `Tools (${offered.tools.length.toLocaleString('en')})`,
          content: (
            <Split
              chosen={tool}
              missing="tool"
              list={<ToolList tools={offered.tools} chosen={tool} />}
              intro={offered.instructions}
              details={
                chosenTool && <ToolDetails key={chosenTool.name} tool={chosenTool} played={played} resource={resource} onRead={read} />
              }
            />
          ),
        },
        {
          value: 'prompts',
          label: `Prompts (${offered.prompts.length.toLocaleString('en')})`,
          content: (
            <Split
              chosen={prompt}
              missing="prompt"
              list={<PromptList prompts={offered.prompts} chosen={prompt} />}
              details={chosenPrompt && <PromptDetails key={chosenPrompt.name} prompt={chosenPrompt} played={played} onRead={read} />}
            />
          ),
        },
        {
          value: 'resources',
          label: `Resources (${offered.resources.length.toLocaleString('en')})`,
          content: (
            <Split
              chosen={uri}
              missing="resource"
              list={<ResourceList resources={offered.resources} chosen={uri} />}
              details={
                chosenResource && <ResourceDetails key={chosenResource.uri} resource={chosenResource} played={played} onRead={read} />
              }
            />
          ),
        },
        {
          value: 'calls',
          label: `Calls (${played.state.runs.length})`,
          content: <RunList runs={played.state.runs} onOpen={open} onClear={() => played.playground.clearRuns()} />,
        },
        {
          value: 'wire',
          label: `Wire messages (${exchanges.length})`,
          content: <WireView exchanges={exchanges} />,
        },
      ]}
    />
  )
}

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
function Split({ chosen, missing, list, details, intro }: SplitProps) {
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

const toolText = (tool: ToolDefinition) => `${tool.name} ${titleOf(tool)} ${tool.description ?? ''}`
const promptText = (prompt: OfferedPrompt) => `${prompt.name} ${prompt.title ?? ''} ${prompt.description ?? ''}`
const resourceText = (resource: OfferedResource) => `${resource.uri} ${resource.name} ${resource.title ?? ''} ${resource.description ?? ''}`

function ToolList({ tools, chosen }: { tools: readonly ToolDefinition[]; chosen: string | undefined }) {
  return (
    <OfferList what="tools" items={tools} keyOf={(tool) => tool.name} chosen={chosen} textOf={toolText}>
      {(tool, className) => (
        <Link to="." search={(rest: ToolsSearch) => ({ ...rest, tool: tool.name })} activeOptions={{ exact: true }} className={className}>
          <Entry title={titleOf(tool)} name={tool.name} text={tool.description} />
          <span className={`text-sm ${canChange(tool) ? 'text-warn-ink' : 'text-good'}`}>
            {canChange(tool) ? 'can change things' : 'only reads'}
          </span>
        </Link>
      )}
    </OfferList>
  )
}

function PromptList({ prompts, chosen }: { prompts: readonly OfferedPrompt[]; chosen: string | undefined }) {
  return (
    <OfferList what="prompts" items={prompts} keyOf={(prompt) => prompt.name} chosen={chosen} textOf={promptText}>
      {(prompt, className) => (
        <Link
          to="."
          search={(rest: ToolsSearch) => ({ ...rest, prompt: prompt.name })}
          activeOptions={{ exact: true }}
          className={className}
        >
          <Entry title={prompt.title ?? prompt.name} name={prompt.name} text={prompt.description} />
        </Link>
      )}
    </OfferList>
  )
}

function ResourceList({ resources, chosen }: { resources: readonly OfferedResource[]; chosen: string | undefined }) {
  return (
    <OfferList what="resources" items={resources} keyOf={(each) => each.uri} chosen={chosen} textOf={resourceText}>
      {(each, className) => (
        <Link
          to="."
          search={(rest: ToolsSearch) => ({ ...rest, resource: each.uri })}
          activeOptions={{ exact: true }}
          className={className}
        >
          <Entry title={each.title ?? each.name} name={each.uri} text={each.description} />
        </Link>
      )}
    </OfferList>
  )
}

function Entry({ title, name, text }: { title: string; name: string; text: string | undefined }) {
  return (
    <>
      <span className="block font-semibold">
        <Untrusted text={title} lines={1} />
      </span>
      {name !== title && (
        <span className="block font-mono text-sm text-soft">
          <Untrusted text={name} lines={1} />
        </span>
      )}
      {text !== undefined && (
        <span className="block text-sm text-soft">
          <Untrusted text={text} lines={2} />
        </span>
      )}
    </>
  )
}

/** A resource that a tool named and no list has. */
function unlisted(uri: string): OfferedResource {
  return { uri, isTemplate: false, name: uri }
}
