import { ErrorCode } from '../../protocol/mcp/errors.ts'
import { buildParamHeaders } from '../../protocol/mcp/param-headers.ts'
import { error, info, warning } from '../../protocol/versions/finding.ts'
import { minimalValue } from '../../protocol/versions/json-schema.ts'
import type { Finding, ToolDefinition } from '../../protocol/versions/surface.ts'
import { inert } from '../activity/record.ts'
import { TRY_MS, type Ask, type Reply } from './ask.ts'

/** Calls one read-only tool as a client would. The tool may return an error, but must not crash or hang. */
export async function tryTool(ask: Ask, tools: readonly ToolDefinition[]): Promise<Finding[]> {
  if (tools.length === 0) return []
  const [first] = candidates(tools)
  if (!first) {
    return [info('tool-call', 'tools', 'no tool was tried: none says readOnlyHint and takes arguments its schema makes plain')]
  }
  const { tool, args } = first
  const reply = await ask('tools/call', { name: tool.name, arguments: args }, buildParamHeaders(tool.inputSchema, args))
  return [judge(reply, tool, args)]
}

/** Read-only tools with the smallest arguments that their schemas accept, fewest arguments first. */
function candidates(tools: readonly ToolDefinition[]): { tool: ToolDefinition; args: unknown }[] {
  return tools
    .filter((tool) => tool.annotations?.readOnlyHint === true)
    .map((tool) => ({ tool, args: minimalValue(tool.inputSchema) }))
    .filter(({ args }) => args !== undefined)
    .toSorted((a, b) => Object.keys(a.args as object).length - Object.keys(b.args as object).length)
}

function judge(reply: Reply, tool: ToolDefinition, args: unknown): Finding {
  const subject = `tools/${tool.name}`
  const called = `called with ${JSON.stringify(args)}, it`
  if ('error' in reply) {
    const { code } = reply.error
    if (reply.late) return info('tool-call', subject, `${called} had not answered after ${TRY_MS / 1000} s and was cancelled`)
    if (code === ErrorCode.invalidParams || code === ErrorCode.missingClientCapability) {
      return info('tool-call', subject, `${called} answered: ${reply.detail}`)
    }
    return error(isPush(reply.detail) ? 'push-style-call' : 'tool-call', subject, `${called} crashed: ${reply.detail}`)
  }
  const { content, isError, resultType, structuredContent } = reply.result
  const text = JSON.stringify(content ?? '')
  if (isPush(text)) {
    const message =
      'it asks its client in the push style (elicitInput, createMessage, mcpReq.send), which cannot work from a stateless server: return inputRequired({ … }) from the handler instead'
    return error('push-style-call', subject, message)
  }
  if (isError === true) return warning('tool-call', subject, `${called} failed: ${inert(text, 500)}`)
  if (tool.outputSchema && resultType === 'complete' && structuredContent === undefined) {
    return error('tool-call', subject, 'it has an outputSchema and answered without structuredContent')
  }
  return info('tool-call', subject, `${called} answered`)
}

/** Recognizes the SDK's error text, and the platform's for code written without the SDK. */
function isPush(text: string): boolean {
  return /server-to-client requests are not available|which is not possible from a stateless server/i.test(text)
}
