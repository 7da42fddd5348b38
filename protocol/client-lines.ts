/** What connects one common client to a hosted server, as that client's own documentation has it. */
export interface ClientLine {
  client: string
  /** What to do with the line. */
  where: string
  line: string
  /** The client connects from its maker's computers, so it reaches public addresses only. */
  fromCloud?: true
}

/** Of the server at `url`; `name` is what the client will call it. */
export function clientLines(url: string, name: string): ClientLine[] {
  const cursor = encodeURIComponent(btoa(JSON.stringify({ url })))
  const terminal = 'In a terminal'
  return [
    { client: 'Claude Code', where: terminal, line: `claude mcp add --transport http ${name} ${url}` },
    { client: 'Claude', where: 'Customize → Connectors → + → Add custom connector, and as its URL', line: url, fromCloud: true },
    { client: 'ChatGPT', where: 'Settings → Connectors → Create (in developer mode), and as its URL', line: url, fromCloud: true },
    {
      client: 'Cursor',
      where: 'In a browser’s address line, or as a link',
      line: `cursor://anysphere.cursor-deeplink/mcp/install?name=${name}&config=${cursor}`,
    },
    { client: 'VS Code', where: terminal, line: `code --add-mcp '${JSON.stringify({ name, type: 'http', url })}'` },
    { client: 'Codex', where: terminal, line: `codex mcp add ${name} --url ${url}` },
    { client: 'Gemini CLI', where: terminal, line: `gemini mcp add --transport http ${name} ${url}` },
    {
      client: 'TypeScript SDK',
      where: 'With Client and StreamableHTTPClientTransport of @modelcontextprotocol/client',
      line: `await client.connect(new StreamableHTTPClientTransport(new URL('${url}')))`,
    },
    { client: 'Python SDK', where: 'With Client of mcp', line: `async with Client("${url}") as client:` },
    {
      client: 'curl',
      where: 'In a terminal: the answer says how to authorize',
      line: `curl -i ${url} -H 'Content-Type: application/json' -d '{}'`,
    },
  ]
}
