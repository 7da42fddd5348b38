import { getRouteApi } from '@tanstack/react-router'
import { useSyncExternalStore } from 'react'
import { Tabs } from '../../../components/tabs.tsx'
import type { PlaygroundHandle } from '../connection/use-playground.ts'
import { RunList } from '../runs/run-list.tsx'
import type { CallRequest } from '../runs/runs.ts'
import { WireView } from '../runs/wire-view.tsx'
import type { ToolsSearch, View } from '../search.ts'
import { replaceDraft } from './draft.ts'
import { PromptList, ResourceList, ToolList } from './entry-lists.tsx'
import type { DisplayedSurface, ResourceEntry } from './displayed-surface.ts'
import { PromptDetails } from './prompt-details.tsx'
import { ResourceDetails } from './resource-details.tsx'
import { ListAndDetails } from './list-and-details.tsx'
import { draftName, ToolDetails } from './tool-details.tsx'

const route = getRouteApi('/t/$tenant/s/$server/tools')

interface SurfaceTabsProps {
  surface: DisplayedSurface
  handle: PlaygroundHandle
  /** OAuth resource of the hosted server, which is part of the storage keys of drafts. */
  resource: string
}

/** Tabs for tools, prompts, resources, calls and wire messages. */
export function SurfaceTabs({ surface, handle, resource }: SurfaceTabsProps) {
  const { view = 'tools', tool, prompt, resource: uri } = route.useSearch()
  const navigate = route.useNavigate()
  const exchanges = useSyncExternalStore(handle.playground.wire.subscribe, handle.playground.wire.read)
  const go = (change: ToolsSearch) =>
    void navigate({
      search: ({ version, revision }) => ({ ...(version ? { version } : {}), ...(revision ? { revision } : {}), ...change }),
    })
  const read = (linked: string) => {
    go({ view: 'resources', resource: linked })
    void handle.playground.run({ kind: 'resource', uri: linked })
  }
  const open = (request: CallRequest) => {
    if (request.kind === 'tool') {
      replaceDraft(draftName(resource, request.name), request.args)
      go({ tool: request.name })
    } else if (request.kind === 'prompt') go({ view: 'prompts', prompt: request.name })
    else go({ view: 'resources', resource: request.uri })
  }
  const chosenTool = surface.tools.find(({ name }) => name === tool)
  const chosenPrompt = surface.prompts.find(({ name }) => name === prompt)
  const chosenResource = surface.resources.find((each) => each.uri === uri) ?? (uri === undefined ? undefined : unlisted(uri))
  return (
    <Tabs<View>
      label="Surface"
      value={view}
      onChange={(chosen) => go(chosen === 'tools' ? {} : { view: chosen })}
      tabs={[
        {
          value: 'tools',
          label: `Tools (${surface.tools.length.toLocaleString('en')})`,
          content: (
            <ListAndDetails
              chosen={tool}
              noun="tool"
              list={<ToolList tools={surface.tools} chosen={tool} />}
              intro={surface.instructions}
              details={
                chosenTool && <ToolDetails key={chosenTool.name} tool={chosenTool} handle={handle} resource={resource} onRead={read} />
              }
            />
          ),
        },
        {
          value: 'prompts',
          label: `Prompts (${surface.prompts.length.toLocaleString('en')})`,
          content: (
            <ListAndDetails
              chosen={prompt}
              noun="prompt"
              list={<PromptList prompts={surface.prompts} chosen={prompt} />}
              details={chosenPrompt && <PromptDetails key={chosenPrompt.name} prompt={chosenPrompt} handle={handle} onRead={read} />}
            />
          ),
        },
        {
          value: 'resources',
          label: `Resources (${surface.resources.length.toLocaleString('en')})`,
          content: (
            <ListAndDetails
              chosen={uri}
              noun="resource"
              list={<ResourceList resources={surface.resources} chosen={uri} />}
              details={
                chosenResource && <ResourceDetails key={chosenResource.uri} resource={chosenResource} handle={handle} onRead={read} />
              }
            />
          ),
        },
        {
          value: 'calls',
          label: `Calls (${handle.state.runs.length})`,
          content: <RunList runs={handle.state.runs} onOpen={open} onClear={() => handle.playground.clearRuns()} />,
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

/** A resource that is linked in a result but not listed. */
function unlisted(uri: string): ResourceEntry {
  return { uri, isTemplate: false, name: uri }
}
