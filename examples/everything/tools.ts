import { fromJsonSchema, type CallToolResult, type McpServer, type ServerEventBus } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { PIXEL, SILENCE } from './media.ts'

const READS = { readOnlyHint: true, openWorldHint: false }

/**
 * Registers the tools without input requests: content, errors, progress, log messages, headers and
 * changes.
 */
export function registerTools(server: McpServer, bus: ServerEventBus): void {
  const answers: Record<string, { description: string; content: CallToolResult['content'] }> = {
    test_simple_text: { description: 'Returns text.', content: [text('This is a simple text response for testing.')] },
    test_image_content: { description: 'Returns an image.', content: [{ type: 'image', data: PIXEL, mimeType: 'image/png' }] },
    test_audio_content: { description: 'Returns audio.', content: [{ type: 'audio', data: SILENCE, mimeType: 'audio/wav' }] },
    test_embedded_resource: {
      description: 'Returns an embedded resource.',
      content: [resource('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')],
    },
    test_multiple_content_types: {
      description: 'Returns text, an image and a resource.',
      content: [
        text('Multiple content types test:'),
        { type: 'image', data: PIXEL, mimeType: 'image/png' },
        resource('test://mixed-content-resource', 'application/json', JSON.stringify({ test: 'data', value: 123 })),
      ],
    },
  }
  for (const [name, { description, content }] of Object.entries(answers)) {
    server.registerTool(name, { description, annotations: READS }, () => ({ content }))
  }

  server.registerTool('test_error_handling', { description: 'Always fails with a fixed message.', annotations: READS }, () => {
    throw new Error('This tool intentionally returns an error for testing')
  })

  for (const name of ['test_tool_with_logging', 'test_logging_tool']) {
    server.registerTool(
      name,
      { description: 'Logs three messages, for clients that requested log messages.', annotations: READS },
      async (ctx) => {
        await ctx.mcpReq.log('info', 'Tool execution started')
        await pause(50)
        await ctx.mcpReq.log('info', 'Tool processing data')
        await pause(50)
        await ctx.mcpReq.log('info', 'Tool execution completed')
        return { content: [text('Logged three messages.')] }
      },
    )
  }

  server.registerTool('test_tool_with_progress', { description: 'Reports progress in three steps.', annotations: READS }, async (ctx) => {
    const progressToken = ctx.mcpReq._meta?.progressToken
    for (const progress of [0, 50, 100]) {
      if (progress > 0) await pause(50)
      if (progressToken === undefined) continue
      await ctx.mcpReq.notify({
        method: 'notifications/progress',
        params: { progressToken, progress, total: 100, message: `Completed step ${progress} of 100` },
      })
    }
    return { content: [text('Went from 0 to 100.')] }
  })

  server.registerTool(
    'test_headers',
    {
      description: 'Has arguments that are also sent as HTTP headers, for gateways to read.',
      inputSchema: z.object({
        region: z.string().meta({ description: 'Region to run in', 'x-mcp-header': 'Region' }),
        priority: z.int().optional().meta({ description: 'Priority of the run', 'x-mcp-header': 'Priority' }),
        note: z.string().optional().describe('Sent in the body only'),
      }),
      annotations: READS,
    },
    (args) => ({ content: [text(JSON.stringify(args))] }),
  )

  server.registerTool(
    'json_schema_2020_12_tool',
    {
      description: 'Has an input schema with many keywords of JSON Schema 2020-12.',
      inputSchema: fromJsonSchema<Record<string, unknown>>(CONTACT),
      annotations: READS,
    },
    (args) => ({ content: [text(JSON.stringify(args))] }),
  )

  for (const [name, kind, what] of [
    ['test_trigger_tool_change', 'tools_list_changed', 'tools'],
    ['test_trigger_prompt_change', 'prompts_list_changed', 'prompts'],
  ] as const) {
    server.registerTool(
      name,
      {
        description: `Notifies subscribed clients that the list of ${what} has changed.`,
        annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: false },
      },
      () => {
        bus.publish({ kind })
        return { content: [text(`Announced a change of the ${what}.`)] }
      },
    )
  }
}

/** Schema of a contact, which must have the field named by `contactMethod`. */
const CONTACT = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object' as const,
  $defs: { address: { $anchor: 'addressDef', type: 'object', properties: { street: { type: 'string' }, city: { type: 'string' } } } },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
}

export function text(content: string): { type: 'text'; text: string } {
  return { type: 'text', text: content }
}

function resource(
  uri: string,
  mimeType: string,
  content: string,
): { type: 'resource'; resource: { uri: string; mimeType: string; text: string } } {
  return { type: 'resource', resource: { uri, mimeType, text: content } }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
