import type {
  CallToolResult,
  Client,
  GetPromptResult,
  Progress,
  Prompt,
  ReadResourceResult,
  Resource,
  ResourceTemplateType,
  Tool,
} from '@modelcontextprotocol/client'
import type { Questions } from '../questions/waiting.ts'
import { clientLibrary } from './client-library.ts'
import { isStateless, type Revision } from './revisions.ts'
import type { WireLog } from './wire-log.ts'

export interface LogLine {
  at: number
  level: string
  logger: string | undefined
  data: unknown
}

/** What a hosted server offers this caller now. */
export interface Offer {
  tools: Tool[]
  prompts: Prompt[]
  resources: Resource[]
  templates: ResourceTemplateType[]
  instructions: string | undefined
}

interface Target {
  /** Of the MCP endpoint, or of one version of it. */
  url: string
  revision: Revision
  /** Undefined calls without one, as anybody may at a public server. */
  accessToken: string | undefined
  wire: WireLog
  questions: Questions
}

interface Listening {
  signal: AbortSignal
  onProgress: (progress: Progress) => void
  onLog: (line: LogLine) => void
}

/**
 * A call waits for a person's answers too. The platform has its own deadline for the hosted
 * server's part.
 */
const PATIENCE_MS = 15 * 60_000

/** The client's library reports its own rounds of questions as if the hosted server had. */
const OWN_PROGRESS = /^Fulfilling input required by '.*' \(round \d+\)$/

/** The official client, speaking one revision to one hosted server. */
export class Connection {
  readonly #client: Client
  readonly #endSession: () => Promise<void>
  readonly #logListeners: Set<(line: LogLine) => void>

  private constructor(client: Client, endSession: () => Promise<void>, logListeners: Set<(line: LogLine) => void>) {
    this.#client = client
    this.#endSession = endSession
    this.#logListeners = logListeners
  }

  static async open({ url, revision, accessToken, wire, questions }: Target): Promise<Connection> {
    const { Client, StreamableHTTPClientTransport } = await clientLibrary()
    const client = new Client(
      { name: 'wharf-dashboard', title: 'The dashboard of this platform', version: '1.0.0' },
      {
        capabilities: { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} },
        supportedProtocolVersions: [revision],
        versionNegotiation: { mode: isStateless(revision) ? { pin: revision } : 'legacy' },
      },
    )
    client.setRequestHandler('elicitation/create', ({ params }, ctx) => questions.elicitation(params, ctx.mcpReq.signal))
    client.setRequestHandler('sampling/createMessage', ({ params }, ctx) => questions.sampling(params, ctx.mcpReq.signal))
    client.setRequestHandler('roots/list', (_, ctx) => questions.roots(ctx.mcpReq.signal))
    const logListeners = new Set<(line: LogLine) => void>()
    client.setNotificationHandler('notifications/message', ({ params: { level, logger, data } }) => {
      for (const listener of logListeners) listener({ at: Date.now(), level, logger, data })
    })

    const transport = new StreamableHTTPClientTransport(new URL(url), {
      fetch: wire.fetch,
      authProvider: { token: () => Promise.resolve(accessToken) },
      onInsufficientScope: 'throw', // the person is asked first
    })
    await client.connect(transport)
    return new Connection(client, isStateless(revision) ? () => Promise.resolve() : () => transport.terminateSession(), logListeners)
  }

  async offer(signal: AbortSignal): Promise<Offer> {
    const [{ tools }, { prompts }, { resources }, { resourceTemplates }] = await Promise.all([
      this.#client.listTools(undefined, { signal, cacheMode: 'refresh' }),
      this.#client.listPrompts(undefined, { signal, cacheMode: 'refresh' }),
      this.#client.listResources(undefined, { signal, cacheMode: 'refresh' }),
      this.#client.listResourceTemplates(undefined, { signal, cacheMode: 'refresh' }),
    ])
    return { tools, prompts, resources, templates: resourceTemplates, instructions: this.#client.getInstructions() }
  }

  /**
   * `tool` where it is listed, for the headers its schema may ask for. What comes back is handed on
   * as it is: whether structured output fits the schema is for the page to say.
   */
  callTool(name: string, tool: Tool | undefined, given: Record<string, unknown>, listening: Listening): Promise<CallToolResult> {
    const { outputSchema: _, ...toolDefinition } = tool ?? { name, inputSchema: { type: 'object' } }
    return this.#listen(listening, (options, _meta) =>
      this.#client.callTool({ name, arguments: given, ..._meta }, { ...options, toolDefinition }),
    )
  }

  getPrompt(name: string, given: Record<string, string>, listening: Listening): Promise<GetPromptResult> {
    return this.#listen(listening, (options, _meta) => this.#client.getPrompt({ name, arguments: given, ..._meta }, options))
  }

  readResource(uri: string, listening: Listening): Promise<ReadResourceResult> {
    return this.#listen(listening, (options, _meta) => this.#client.readResource({ uri, ..._meta }, { ...options, cacheMode: 'bypass' }))
  }

  async close(): Promise<void> {
    await this.#endSession().catch(() => undefined) // it may have ended by itself
    await this.#client.close()
  }

  async #listen<T>(
    { signal, onProgress, onLog }: Listening,
    send: (
      options: { signal: AbortSignal; timeout: number; onprogress: (progress: Progress) => void },
      meta: { _meta?: Record<string, unknown> },
    ) => Promise<T>,
  ): Promise<T> {
    this.#logListeners.add(onLog)
    try {
      // a session is sent every log line unless it asks for less; a request that stands alone has
      // to say what it wants
      const meta = this.#client.getProtocolEra() === 'modern' ? { _meta: { 'io.modelcontextprotocol/logLevel': 'debug' } } : {}
      const onprogress = (progress: Progress) => {
        if (!OWN_PROGRESS.test(progress.message ?? '')) onProgress(progress)
      }
      return await send({ signal, timeout: PATIENCE_MS, onprogress }, meta)
    } finally {
      this.#logListeners.delete(onLog)
    }
  }
}
