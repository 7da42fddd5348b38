/** Line for connecting a common client to a hosted server, from the client's documentation. */
export interface ClientLine {
  client: string
  /** Instructions for the line, including sign-in if the client does not ask at once. */
  where: string
  line: string
  /** Set if the client connects from its vendor's servers, so only public addresses work. */
  fromCloud?: true
}

/** Returns the lines for the server at `url`. `name` is the server's name in the client. */
export function clientLines(url: string, name: string): ClientLine[] {
  const cursor = encodeURIComponent(btoa(JSON.stringify({ url })))
  // quoted so that a Windows prompt accepts the line, too
  const vsCode = JSON.stringify({ name, type: 'http', url }).replaceAll('"', String.raw`\"`)
  return [
    {
      client: 'Claude Code',
      where: 'In a terminal; then /mcp in Claude Code signs you in',
      line: `claude mcp add --transport http ${name} ${url}`,
    },
    { client: 'Claude', where: 'Customize → Connectors → + → Add custom connector, and as its URL', line: url, fromCloud: true },
    {
      client: 'ChatGPT',
      where: 'Settings → Apps → Create app (with developer mode on, in its Advanced settings), and as its URL',
      line: url,
      fromCloud: true,
    },
    {
      client: 'Cursor',
      where: 'In a browser’s address line, or as a link',
      line: `cursor://anysphere.cursor-deeplink/mcp/install?name=${name}&config=${cursor}`,
    },
    { client: 'VS Code', where: 'In a terminal; it asks you to sign in when the server starts', line: `code --add-mcp "${vsCode}"` },
    {
      client: 'Codex',
      where: `In a terminal; it opens the browser for you to sign in, or codex mcp login ${name} does`,
      line: `codex mcp add ${name} --url ${url}`,
    },
    {
      client: 'Gemini CLI',
      where: `In a terminal; then /mcp auth ${name} in Gemini CLI signs you in`,
      line: `gemini mcp add --transport http ${name} ${url}`,
    },
    {
      client: 'TypeScript SDK',
      where: 'With Client and StreamableHTTPClientTransport of @modelcontextprotocol/client, and your OAuthClientProvider for who signs in',
      line: `await client.connect(new StreamableHTTPClientTransport(new URL('${url}'), { authProvider }))`,
    },
    {
      client: 'Python SDK',
      where: 'With Client and streamable_http_client of mcp, and an AsyncClient with your OAuthClientProvider as its auth for who signs in',
      line: `async with Client(streamable_http_client("${url}", http_client=http)) as client:`,
    },
    {
      client: 'curl',
      where: 'In a terminal: the answer says how to authorize',
      line: `curl -i ${url} -H 'Content-Type: application/json' -d '{}'`,
    },
  ]
}
