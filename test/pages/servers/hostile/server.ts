import { createMcpHandler, inputRequired, inputResponse, McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'

/** Would run or be visible if a page rendered it as markup. */
const MARKUP = '<img src=x onerror=alert(1)><script>alert(2)</script><b id=injected>bold</b>'
const LONG = `${MARKUP} ${'unbroken'.repeat(1_250)}`
/**
 * Contains a direction mark that reverses the following text unless a page shows the mark as text.
 */
const TURNED = `safe\u202Egpj.exe ${MARKUP}`

const annotations = { readOnlyHint: true }

/** Puts hostile text into every field of a server that pages show. */
export default createMcpHandler(() => {
  const server = new McpServer({ name: 'hostile', title: MARKUP, version: '1.0.0' }, { instructions: LONG })
  const icons = [{ src: "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='alert(4)'/>", mimeType: 'image/svg+xml' }]
  const inputSchema = z.object({ field: z.string().optional().meta({ title: MARKUP, description: LONG }) })
  server.registerTool('speak', { title: MARKUP, description: LONG, icons, inputSchema, annotations }, () => {
    console.log(TURNED)
    return {
      content: [
        { type: 'text', text: TURNED },
        { type: 'text', text: LONG },
        { type: 'resource_link', name: MARKUP, uri: 'javascript:alert(5)', description: TURNED },
        { type: 'resource', resource: { uri: 'https://example.com/page', mimeType: 'text/html', text: MARKUP } },
      ],
    }
  })
  server.registerTool('fail', { annotations }, () => ({ content: [{ type: 'text', text: TURNED }], isError: true }))
  server.registerTool('send-away', { annotations, inputSchema: z.object({ url: z.string() }) }, ({ url }, { mcpReq }) => {
    const answer = inputResponse(mcpReq.inputResponses, 'page')
    return answer.kind === 'elicit'
      ? { content: [{ type: 'text', text: `They said ${answer.action}.` }] }
      : inputRequired({ inputRequests: { page: inputRequired.elicitUrl({ message: TURNED, url }) } })
  })
  server.registerPrompt('prompt', { title: MARKUP, description: LONG }, () => ({
    messages: [{ role: 'user', content: { type: 'text', text: TURNED } }],
  }))
  server.registerResource('resource', 'hostile://resource', { title: MARKUP, description: LONG, mimeType: 'text/html' }, ({ href }) => ({
    contents: [{ uri: href, mimeType: 'text/html', text: MARKUP }],
  }))
  return server
})
