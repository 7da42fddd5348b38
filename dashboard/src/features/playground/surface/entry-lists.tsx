import { Link } from '@tanstack/react-router'
import type { ToolDefinition } from '../../../../../protocol/api.ts'
import { Untrusted } from '../../../components/untrusted.tsx'
import type { ToolsSearch } from '../search.ts'
import { SearchList } from './search-list.tsx'
import { canWrite, titleOf, type PromptEntry, type ResourceEntry } from './displayed-surface.ts'

const toolText = (tool: ToolDefinition) => `${tool.name} ${titleOf(tool)} ${tool.description ?? ''}`

const promptText = (prompt: PromptEntry) => `${prompt.name} ${prompt.title ?? ''} ${prompt.description ?? ''}`

const resourceText = (resource: ResourceEntry) => `${resource.uri} ${resource.name} ${resource.title ?? ''} ${resource.description ?? ''}`

export function ToolList({ tools, chosen }: { tools: readonly ToolDefinition[]; chosen: string | undefined }) {
  return (
    <SearchList what="tools" items={tools} keyOf={(tool) => tool.name} chosen={chosen} textOf={toolText}>
      {(tool, className) => (
        <Link to="." search={(rest: ToolsSearch) => ({ ...rest, tool: tool.name })} activeOptions={{ exact: true }} className={className}>
          <Entry title={titleOf(tool)} name={tool.name} text={tool.description} />
          <span className={`text-sm ${canWrite(tool) ? 'text-warn-ink' : 'text-good'}`}>{canWrite(tool) ? 'Can write' : 'Read-only'}</span>
        </Link>
      )}
    </SearchList>
  )
}

export function PromptList({ prompts, chosen }: { prompts: readonly PromptEntry[]; chosen: string | undefined }) {
  return (
    <SearchList what="prompts" items={prompts} keyOf={(prompt) => prompt.name} chosen={chosen} textOf={promptText}>
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
    </SearchList>
  )
}

export function ResourceList({ resources, chosen }: { resources: readonly ResourceEntry[]; chosen: string | undefined }) {
  return (
    <SearchList what="resources" items={resources} keyOf={(each) => each.uri} chosen={chosen} textOf={resourceText}>
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
    </SearchList>
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
