import { Link } from '@tanstack/react-router'
import type { ToolDefinition } from '../../../../../protocol/api.ts'
import { Untrusted } from '../../../components/untrusted.tsx'
import type { ToolsSearch } from '../search.ts'
import { OfferList } from './offer-list.tsx'
import { canChange, titleOf, type OfferedPrompt, type OfferedResource } from './offered.ts'

const toolText = (tool: ToolDefinition) => `${tool.name} ${titleOf(tool)} ${tool.description ?? ''}`

const promptText = (prompt: OfferedPrompt) => `${prompt.name} ${prompt.title ?? ''} ${prompt.description ?? ''}`

const resourceText = (resource: OfferedResource) => `${resource.uri} ${resource.name} ${resource.title ?? ''} ${resource.description ?? ''}`

export function ToolList({ tools, chosen }: { tools: readonly ToolDefinition[]; chosen: string | undefined }) {
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

export function PromptList({ prompts, chosen }: { prompts: readonly OfferedPrompt[]; chosen: string | undefined }) {
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

export function ResourceList({ resources, chosen }: { resources: readonly OfferedResource[]; chosen: string | undefined }) {
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
