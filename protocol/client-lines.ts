/**
 * Line that connects a common client to a hosted server: a command, a URL or code, as the client's
 * documentation gives it.
 */
export interface ClientLine {
  client: string
  /** Place for the line, and how to sign in if the client does not ask for sign-in at once. */
  where: string
  line: string
  /** Set if the client connects from its vendor's servers, so only public addresses work. */
  fromCloud?: true
}

/** Returns the lines for the server at `url`. `name` is the server's name in the client. */
export function clientLines(url: string, name: string): ClientLine[] {
  const cursor = encodeURIComponent(btoa(JSON.stringify({ url })))
  // quoted for a Windows prompt as well
  const vsCode = JSON.stringify({ name, type: 'http', url }).replaceAll('"', String.raw`\"`)
  return [
    {
      client: 'Claude Code',
      where: 'In a terminal. Then run /mcp in Claude Code to sign in.',
      line: `claude mcp add --transport http ${name} ${url}`,
    },
    { client: 'Claude', where: 'Customize → Connectors → + → Add custom connector. Paste as the URL:', line: url, fromCloud: true },
    {
      client: 'ChatGPT',
      where: 'Settings → Apps → Create app (requires developer mode under Advanced settings). Paste as the URL:',
      line: url,
      fromCloud: true,
    },
    {
      client: 'Cursor',
      where: 'In the address bar of a browser, or as a link',
      line: `cursor://anysphere.cursor-deeplink/mcp/install?name=${name}&config=${cursor}`,
    },
    { client: 'VS Code', where: 'In a terminal. VS Code asks you to sign in when the server starts.', line: `code --add-mcp "${vsCode}"` },
    {
      client: 'Codex',
      where: `In a terminal. Sign in with the browser that opens, or run codex mcp login ${name}.`,
      line: `codex mcp add ${name} --url ${url}`,
    },
    {
      client: 'Gemini CLI',
      where: `In a terminal. Then run /mcp auth ${name} in Gemini CLI to sign in.`,
      line: `gemini mcp add --transport http ${name} ${url}`,
    },
    {
      client: 'TypeScript SDK',
      where: 'With Client and StreamableHTTPClientTransport of @modelcontextprotocol/client. Your OAuthClientProvider handles sign-in.',
      line: `await client.connect(new StreamableHTTPClientTransport(new URL('${url}'), { authProvider }))`,
    },
    {
      client: 'Python SDK',
      where: 'With Client and streamable_http_client of mcp. Pass your OAuthClientProvider as auth of the AsyncClient.',
      line: `async with Client(streamable_http_client("${url}", http_client=http)) as client:`,
    },
    {
      client: 'curl',
      where: 'In a terminal. The response says how to authorize.',
      line: `curl -i ${url} -H 'Content-Type: application/json' -d '{}'`,
    },
  ]
}
