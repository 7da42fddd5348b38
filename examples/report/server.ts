import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { salesOf, MONTHS } from './sales.ts'

function build(): McpServer {
  const server = new McpServer(
    { name: 'report', version: '1.0.0' },
    { instructions: 'Writes a sales report for a year, month by month. Slow on purpose.' },
  )

  server.registerTool(
    'write_report',
    {
      title: 'Write a report',
      description: 'Adds up the invented sales of a year, month by month. Pauses at each month like a slow database, and reports progress.',
      inputSchema: z.object({
        year: z.int().min(2000).max(2100),
        pauseMs: z.int().min(0).max(2_000).default(500).describe('Pause for each month, in milliseconds'),
      }),
      outputSchema: z.object({
        year: z.int(),
        total: z.int(),
        best: z.string().describe('Month with the highest sales'),
        months: z.array(z.object({ month: z.string(), sales: z.int() })),
      }),
      annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
    },
    async ({ year, pauseMs }, { mcpReq }) => {
      const progressToken = mcpReq._meta?.progressToken
      const months: { month: string; sales: number }[] = []
      for (const [index, month] of MONTHS.entries()) {
        await pause(pauseMs, mcpReq.signal)
        months.push({ month, sales: salesOf(year, index) })
        if (progressToken === undefined) continue
        await mcpReq.notify({
          method: 'notifications/progress',
          params: { progressToken, progress: index + 1, total: MONTHS.length, message: `Read ${month} ${year}` },
        })
      }
      const total = months.reduce((sum, { sales }) => sum + sales, 0)
      const best = months.toSorted((a, b) => b.sales - a.sales)[0]?.month ?? ''
      const structuredContent = { year, total, best, months }
      return { structuredContent, content: [{ type: 'text', text: `Sales of ${year}: ${total} in all, most of them in ${best}.` }] }
    },
  )

  return server
}

/** Waits, and throws if the call is cancelled, because the result is no longer needed. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason as Error)
    })
  })
}

const handler = createMcpHandler(build, { onerror: console.error })

export default { fetch: (request: Request): Promise<Response> => handler.fetch(request) }
