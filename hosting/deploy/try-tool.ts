import { ErrorCode } from '../../protocol/mcp/errors.ts'
import { buildParamHeaders } from '../../protocol/mcp/param-headers.ts'
import { error, info, warning } from '../../protocol/versions/finding.ts'
import { minimalValue } from '../../protocol/versions/json-schema.ts'
import type { Finding, ToolDefinition } from '../../protocol/versions/surface.ts'
import { inert } from '../activity/record.ts'
import { TRY_MS, type Ask, type Reply } from './ask.ts'

/**
 * Calls one read-only tool as a client would. The tool may return an error, but must not crash or
 * hang.
 */
export async function tryTool(ask: Ask, tools: readonly ToolDefinition[]): Promise<Finding[]> {
  if (tools.length === 0) return []
  const [first] = candidates(tools)
  if (!first) {
    return [info('tool-call', 'tools', 'no tool was called, because no read-only tool has a schema from which valid arguments can be made')]
  }
  const { tool, args } = first
  const reply = await ask('tools/call', { name: tool.name, arguments: args }, buildParamHeaders(tool.inputSchema, args))
  return [judge(reply, tool, args)]
}

/** Returns read-only tools with minimal arguments, fewest arguments first. */
function candidates(tools: readonly ToolDefinition[]): { tool: ToolDefinition; args: unknown }[] {
  return tools
    .filter((tool) => tool.annotations?.readOnlyHint === true)
    .map((tool) => ({ tool, args: minimalValue(tool.inputSchema) }))
    .filter(({ args }) => args !== undefined)
    .toSorted((a, b) => Object.keys(a.args as object).length - Object.keys(b.args as object).length)
}

function judge(reply: Reply, tool: ToolDefinition, args: unknown): Finding {
  const subject = `tools/${tool.name}`
  const called = `called with ${JSON.stringify(args)}, the tool`
  if ('error' in reply) {
    const { code } = reply.error
    if (reply.late) return info('tool-call', subject, `${called} did not answer within ${TRY_MS / 1000} s and was cancelled`)
    if (code === ErrorCode.invalidParams || code === ErrorCode.missingClientCapability) {
      return info('tool-call', subject, `${called} answered: ${reply.detail}`)
    }
    return error(isPush(reply.detail) ? 'push-style-call' : 'tool-call', subject, `${called} crashed: ${reply.detail}`)
  }
  const { content, isError, resultType, structuredContent } = reply.result
  const text = JSON.stringify(content ?? '')
  if (isPush(text)) {
    const message =
      'sends a request to the client (elicitInput, createMessage, mcpReq.send), which a stateless server cannot do: return inputRequired({ … }) from the handler instead'
    return error('push-style-call', subject, message)
  }
  if (resultType === 'task') {
    return error('tool-call', subject, `${called} answered with a task, but the platform does not serve the tasks extension`)
  }
  if (isError === true) return warning('tool-call', subject, `${called} failed: ${inert(text, 500)}`)
  if (tool.outputSchema && resultType === 'complete' && structuredContent === undefined) {
    return error('tool-call', subject, 'has an outputSchema, but the result has no structuredContent')
  }
  return info('tool-call', subject, `${called} answered`)
}

/** Recognizes the SDK's error text, and the platform's for code written without the SDK. */
function isPush(text: string): boolean {
  return /server-to-client requests are not available|which is not possible from a stateless server/i.test(text)
}
