import { getRouteApi } from '@tanstack/react-router'
import { useSyncExternalStore } from 'react'
import { Tabs } from '../../../components/tabs.tsx'
import type { Played } from '../connection/use-playground.ts'
import { RunList } from '../runs/run-list.tsx'
import type { Asked } from '../runs/runs.ts'
import { WireView } from '../runs/wire-view.tsx'
import type { ToolsSearch, View } from '../search.ts'
import { replaceDraft } from './draft.ts'
import { PromptList, ResourceList, ToolList } from './entry-lists.tsx'
import type { Offered, OfferedResource } from './offered.ts'
import { PromptDetails } from './prompt-details.tsx'
import { ResourceDetails } from './resource-details.tsx'
import { Split } from './split.tsx'
import { draftName, ToolDetails } from './tool-details.tsx'

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

/** A resource that a tool named and no list has. */
function unlisted(uri: string): OfferedResource {
  return { uri, isTemplate: false, name: uri }
}
