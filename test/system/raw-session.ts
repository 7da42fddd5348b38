/** Event of a stream. A priming event has no message. */
export interface Received {
  id: string | undefined
  message: Message | undefined
}

export interface Message {
  id?: string | number
  method?: string
  params?: Record<string, unknown>
  result?: Record<string, unknown>
  error?: { code: number; message: string }
}

/** Session of 2025-11-25, whose streams a test cuts and resumes. */
export class RawSession {
  readonly #url: string
  readonly #headers: Record<string, string>

  private constructor(url: string, headers: Record<string, string>) {
    this.#url = url
    this.#headers = headers
  }

  static async open(url: string, token: string): Promise<RawSession> {
    const session = new RawSession(url, {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json',
      Accept: 'application/json, text/event-stream',
    })
    const params = { protocolVersion: '2025-11-25', capabilities: { elicitation: { form: {} } }, clientInfo: { name: 'raw', version: '1' } }
    const response = await session.post({ id: 'initialize', method: 'initialize', params })
    await response.text()
    session.#headers['Mcp-Session-Id'] = response.headers.get('mcp-session-id') ?? ''
    session.#headers['MCP-Protocol-Version'] = '2025-11-25'
    await session.post({ method: 'notifications/initialized' })
    return session
  }

  post(message: Message): Promise<Response> {
    return fetch(this.#url, { method: 'POST', headers: this.#headers, body: JSON.stringify({ jsonrpc: '2.0', ...message }) })
  }

  /** Resumes a stream after the event with this id. */
  resume(lastEventId: string): Promise<Response> {
    return fetch(this.#url, { headers: { ...this.#headers, 'Last-Event-ID': lastEventId } })
  }
}

/** Yields the events of a stream. Ends when the connection breaks, as a client must expect. */
export async function* eventsOf(response: Response): AsyncGenerator<Received> {
  if (!response.body) return
  let text = ''
  try {
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      text += chunk
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const fields = block
          .split('\n')
          .map((line): [string, string] => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()])
        const data = fields
          .filter(([name]) => name === 'data')
          .map(([, value]) => value)
          .join('\n')
        const id = fields.find(([name]) => name === 'id')?.[1]
        if (id !== undefined || data) yield { id, message: data ? (JSON.parse(data) as Message) : undefined }
      }
    }
  } catch (error) {
    // "terminated" means that the platform closed the connection
    if (!(error instanceof TypeError)) throw error
  }
}
