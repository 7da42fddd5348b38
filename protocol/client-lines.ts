/** Something to copy that connects one common client to a hosted server, as that client's own documentation has it. */
export interface ClientLine {
  client: string
  /** Where it goes, when that is not a terminal. */
  where?: string
  line: string
}

/** Of the server at `url`; `name` is what the client will call it. */
export function clientLines(url: string, name: string): ClientLine[] {
  const cursor = btoa(JSON.stringify({ url }))
  return [
    { client: 'Claude', where: 'Settings → Connectors → Add custom connector', line: url },
    { client: 'Claude Code', line: `claude mcp add --transport http ${name} ${url}` },
    { client: 'ChatGPT', where: 'Settings → Connectors → Create', line: url },
    {
      client: 'Cursor',
      where: 'Open as an address',
      line: `cursor://anysphere.cursor-deeplink/mcp/install?name=${name}&config=${encodeURIComponent(cursor)}`,
    },
    { client: 'VS Code', line: `code --add-mcp '${JSON.stringify({ name, type: 'http', url })}'` },
    { client: 'Codex', line: `codex mcp add ${name} --url ${url}` },
    { client: 'Gemini CLI', line: `gemini mcp add --transport http ${name} ${url}` },
    {
      client: 'TypeScript SDK',
      where: '@modelcontextprotocol/client',
      line: `await client.connect(new StreamableHTTPClientTransport(new URL('${url}')))`,
    },
    { client: 'Python SDK', where: 'mcp', line: `async with streamable_http_client('${url}') as (read, write, _):` },
    { client: 'curl', line: `curl -i -X POST ${url} -H 'Content-Type: application/json' -d '{}'` },
  ]
}
