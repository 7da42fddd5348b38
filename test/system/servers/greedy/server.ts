import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'

/** Memory that the tools take and never free. */
const kept: Uint8Array[] = []

function build(): McpServer {
  const server = new McpServer({ name: 'greedy', version: '1.0.0' })
  const annotations = { readOnlyHint: true } // anonymous callers may call only such tools
  const content = [{ type: 'text' as const, text: 'done' }]
  server.registerTool(
    'fill',
    { description: 'Keeps memory.', annotations, inputSchema: z.object({ megabytes: z.number() }) },
    ({ megabytes }) => {
      for (let filled = 0; filled < megabytes; filled += 64) kept.push(new Uint8Array(64 * 2 ** 20).fill(1))
      return { content }
    },
  )
  server.registerTool('spin', { description: 'Never ends.', annotations, inputSchema: z.object({ prints: z.boolean() }) }, ({ prints }) => {
    for (;;) if (prints) console.log('spinning')
  })
  server.registerTool(
    'print',
    {
      description: 'Writes to the console.',
      annotations,
      inputSchema: z.object({ text: z.string(), lines: z.number(), repeat: z.number().default(1) }),
    },
    ({ text, lines, repeat }) => {
      const line = text.repeat(repeat)
      for (let index = 0; index < lines; index++) console.error(line)
      return { content }
    },
  )
  server.registerTool('greet', { description: 'Greets.', annotations, inputSchema: z.object({}) }, () => ({ content }))
  return server
}

export default createMcpHandler(build)
