import { pythonProgram, typescriptProgram } from './client-programs.ts'

/**
 * Text that connects a common client to a hosted server: a command, a URL, a configuration file or
 * a program, as the client's documentation gives it. It runs as it is.
 */
export interface ClientLine {
  client: string
  group: 'Apps' | 'Any other app' | 'Code'
  /** Place for the text, and how to sign in if the client does not ask for sign-in at once. */
  where: string
  line: string
  /** Links that open the client and add the server. */
  links?: { label: string; href: string }[]
  /** Set if the client connects from its vendor's servers, so only public addresses work. */
  fromCloud?: true
}

interface ClientTarget {
  url: string
  /** Name of the server in the client. */
  name: string
  /** The server answers without a sign-in. */
  isOpen?: boolean
}

/** Returns the texts for the hosted server at `url`. */
export function clientLines({ url, name, isOpen = false }: ClientTarget): ClientLine[] {
  return [...apps(url, name), ...files(url, name), ...code({ url, name, isOpen })]
}

function apps(url: string, name: string): ClientLine[] {
  const group = 'Apps'
  return [
    {
      client: 'Claude Code',
      group,
      where: 'In a terminal. Then run /mcp in Claude Code to sign in.',
      line: `claude mcp add --transport http ${name} ${url}`,
    },
    { client: 'Claude', group, where: 'Customize → Connectors → + → Add custom connector. Paste as the URL:', line: url, fromCloud: true },
    {
      client: 'ChatGPT',
      group,
      where: 'Settings → Apps → Create app (requires developer mode under Advanced settings). Paste as the URL:',
      line: url,
      fromCloud: true,
    },
    {
      client: 'Cursor',
      group,
      where: 'Or add the server to ~/.cursor/mcp.json, or to .cursor/mcp.json of a project:',
      line: json({ mcpServers: { [name]: { url } } }),
      links: cursorLinks(url, name),
    },
    {
      client: 'VS Code',
      group,
      where: 'Or in a terminal. VS Code asks you to sign in when the server starts.',
      // quoted for a Windows prompt as well
      line: `code --add-mcp "${JSON.stringify({ name, type: 'http', url }).replaceAll('"', String.raw`\"`)}"`,
      links: vsCodeLinks(url, name),
    },
    {
      client: 'Codex',
      group,
      where: `In a terminal. Sign in with the browser that opens, or run codex mcp login ${name}.`,
      line: `codex mcp add ${name} --url ${url}`,
    },
    {
      client: 'Gemini CLI',
      group,
      where: `In a terminal. Then run /mcp auth ${name} in Gemini CLI to sign in.`,
      line: `gemini mcp add --transport http ${name} ${url}`,
    },
  ]
}

function files(url: string, name: string): ClientLine[] {
  const group = 'Any other app'
  return [
    {
      client: 'mcp.json',
      group,
      where: 'The configuration file of most apps. VS Code calls the outer property servers instead of mcpServers.',
      line: json({ mcpServers: { [name]: { type: 'http', url } } }),
    },
    {
      client: 'mcp-remote',
      group,
      where: 'For apps that start servers as local programs. The program opens a browser to sign in.',
      line: json({ mcpServers: { [name]: { command: 'npx', args: ['-y', 'mcp-remote', url] } } }),
    },
    {
      client: 'Inspector',
      group,
      where: 'In a terminal. A browser opens with the server filled in.',
      line: `npx @modelcontextprotocol/inspector --transport http --server-url ${url}`,
    },
  ]
}

function code(target: Required<ClientTarget>): ClientLine[] {
  const group = 'Code'
  const { name, url, isOpen } = target
  const signIn = isOpen ? '' : ' The first run prints a page to open in a browser.'
  return [
    { client: 'TypeScript', group, where: `Save as ${name}.mjs and run with Node 22.${signIn}`, line: typescriptProgram(target) },
    { client: 'Python', group, where: `Save as ${name}.py and run with Python 3.10.${signIn}`, line: pythonProgram(target) },
    {
      client: 'curl',
      group,
      where: isOpen ? 'In a terminal.' : 'In a terminal. The response says how to authorize.',
      line: `curl -i ${url} -H "Content-Type: application/json" -H "Accept: application/json, text/event-stream" -d '${INITIALIZE}'`,
    },
  ]
}

const INITIALIZE = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'curl', version: '1' } },
})

/** https://cursor.com/docs/mcp/install-links: the configuration in base64, as in mcp.json. */
function cursorLinks(url: string, name: string): ClientLine['links'] {
  const query = `name=${encodeURIComponent(name)}&config=${encodeURIComponent(btoa(JSON.stringify({ url })))}`
  return [
    { label: 'Add to Cursor', href: `cursor://anysphere.cursor-deeplink/mcp/install?${query}` },
    { label: 'In a browser', href: `https://cursor.com/en/install-mcp?${query}` },
  ]
}

/** https://code.visualstudio.com/api/extension-guides/ai/mcp: the configuration as encoded JSON. */
function vsCodeLinks(url: string, name: string): ClientLine['links'] {
  const install = `mcp/install?${encodeURIComponent(JSON.stringify({ name, type: 'http', url }))}`
  return [
    { label: 'Add to VS Code', href: `vscode:${install}` },
    { label: 'VS Code Insiders', href: `vscode-insiders:${install}` },
    { label: 'In a browser', href: `https://vscode.dev/redirect?url=${encodeURIComponent(`vscode:${install}`)}` },
  ]
}

function json(value: object): string {
  return JSON.stringify(value, null, 2)
}
