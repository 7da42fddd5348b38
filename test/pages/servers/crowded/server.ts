import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'

const annotations = { readOnlyHint: true }

/**
 * Has the maximum number of tools. The tool `chat` writes the requested number of lines to the
 * console.
 */
export default createMcpHandler(() => {
  const server = new McpServer({ name: 'crowded', version: '1.0.0' })
  const inputSchema = z.object({ from: z.int(), lines: z.int().max(500) })
  server.registerTool('chat', { inputSchema, annotations }, ({ from, lines }) => {
    for (let line = from; line < from + lines; line++) console.log(`line ${line}`)
    return { content: [] }
  })
  for (let tool = 1; tool < 500; tool++) server.registerTool(`tool-${tool}`, { annotations }, () => ({ content: [] }))
  return server
})
