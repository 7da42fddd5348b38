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
import type { QuestionQueue } from '../questions/question-queue.ts'
import { clientLibrary } from './client-library.ts'
import { isStateless, type Revision } from './revisions.ts'
import type { WireLog } from './wire-log.ts'

export interface LogLine {
  at: number
  level: string
  logger: string | undefined
  data: unknown
}

/** Tools, prompts and resources listed by a hosted server for the user. */
export interface LiveSurface {
  tools: Tool[]
  prompts: Prompt[]
  resources: Resource[]
  templates: ResourceTemplateType[]
  instructions: string | undefined
}

interface Target {
  /** Endpoint of the server or of a version. */
  url: string
  revision: Revision
  /** Undefined for anonymous calls of a public server. */
  accessToken: string | undefined
  wire: WireLog
  questions: QuestionQueue
}

interface CallListeners {
  signal: AbortSignal
  onProgress: (progress: Progress) => void
  onLog: (line: LogLine) => void
}

/** Long timeout, because the user needs time to respond to questions. */
const CALL_TIMEOUT_MS = 15 * 60_000

/** Progress messages of the client library about input rounds. */
const OWN_PROGRESS = /^Fulfilling input required by '.*' \(round \d+\)$/

/** The official client, connected to a hosted server. */
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
      onInsufficientScope: 'throw', // the user decides first
    })
    await client.connect(transport)
    return new Connection(client, isStateless(revision) ? () => Promise.resolve() : () => transport.terminateSession(), logListeners)
  }

  async listAll(signal: AbortSignal): Promise<LiveSurface> {
    const [{ tools }, { prompts }, { resources }, { resourceTemplates }] = await Promise.all([
      this.#client.listTools(undefined, { signal, cacheMode: 'refresh' }),
      this.#client.listPrompts(undefined, { signal, cacheMode: 'refresh' }),
      this.#client.listResources(undefined, { signal, cacheMode: 'refresh' }),
      this.#client.listResourceTemplates(undefined, { signal, cacheMode: 'refresh' }),
    ])
    return { tools, prompts, resources, templates: resourceTemplates, instructions: this.#client.getInstructions() }
  }

  /**
   * Calls a tool. The listed `tool` provides the headers required by the schema. The output schema
   * is removed, so the page shows invalid output instead of an error.
   */
  callTool(name: string, tool: Tool | undefined, args: Record<string, unknown>, listeners: CallListeners): Promise<CallToolResult> {
    const { outputSchema: _, ...toolDefinition } = tool ?? { name, inputSchema: { type: 'object' } }
    return this.#withListeners(listeners, (options, _meta) =>
      this.#client.callTool({ name, arguments: args, ..._meta }, { ...options, toolDefinition }),
    )
  }

  getPrompt(name: string, args: Record<string, string>, listeners: CallListeners): Promise<GetPromptResult> {
    return this.#withListeners(listeners, (options, _meta) => this.#client.getPrompt({ name, arguments: args, ..._meta }, options))
  }

  readResource(uri: string, listeners: CallListeners): Promise<ReadResourceResult> {
    return this.#withListeners(listeners, (options, _meta) =>
      this.#client.readResource({ uri, ..._meta }, { ...options, cacheMode: 'bypass' }),
    )
  }

  async close(): Promise<void> {
    await this.#endSession().catch(() => undefined) // the session may have ended already
    await this.#client.close()
  }

  async #withListeners<T>(
    { signal, onProgress, onLog }: CallListeners,
    send: (
      options: { signal: AbortSignal; timeout: number; onprogress: (progress: Progress) => void },
      meta: { _meta?: Record<string, unknown> },
    ) => Promise<T>,
  ): Promise<T> {
    this.#logListeners.add(onLog)
    try {
      // a session gets all log messages by default; a stateless request must ask for log messages
      const meta = this.#client.getProtocolEra() === 'modern' ? { _meta: { 'io.modelcontextprotocol/logLevel': 'debug' } } : {}
      const onprogress = (progress: Progress) => {
        if (!OWN_PROGRESS.test(progress.message ?? '')) onProgress(progress)
      }
      return await send({ signal, timeout: CALL_TIMEOUT_MS, onprogress }, meta)
    } finally {
      this.#logListeners.delete(onLog)
    }
  }
}
