interface Target {
  url: string
  /** Name of the file to save the program in, without its ending. */
  name: string
  /** The server answers without a sign-in. */
  isOpen: boolean
}

/**
 * Complete program for Node and the official TypeScript client. Lists the tools, after a sign-in in
 * the browser if the server requires one.
 */
export function typescriptProgram({ url, name, isOpen }: Target): string {
  if (isOpen)
    return `// npm install @modelcontextprotocol/client && node ${name}.mjs
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'

const client = new Client({ name: 'my-client', version: '1.0.0' })
await client.connect(new StreamableHTTPClientTransport(new URL('${url}')))
const { tools } = await client.listTools()
console.log(tools.map(({ name }) => name))
await client.close()`
  return `// npm install @modelcontextprotocol/client && node ${name}.mjs
import { createServer } from 'node:http'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'

const url = new URL('${url}')
const redirectUrl = 'http://127.0.0.1:33418/callback'
const kept = {}
const callback = Promise.withResolvers()
const authProvider = {
  redirectUrl,
  clientMetadata: { client_name: 'My client', redirect_uris: [redirectUrl], token_endpoint_auth_method: 'none' },
  clientInformation: () => kept.client,
  saveClientInformation: (client) => void (kept.client = client),
  tokens: () => kept.tokens,
  saveTokens: (tokens) => void (kept.tokens = tokens),
  discoveryState: () => kept.discovered,
  saveDiscoveryState: (discovered) => void (kept.discovered = discovered),
  codeVerifier: () => kept.verifier,
  saveCodeVerifier: (verifier) => void (kept.verifier = verifier),
  redirectToAuthorization(page) {
    console.log('Open in a browser:', String(page))
    const listener = createServer((request, response) => {
      response.end('Done. Return to the terminal.', () => listener.closeAllConnections())
      listener.close()
      callback.resolve(new URL(request.url, redirectUrl).searchParams)
    }).listen(33418, '127.0.0.1')
  },
}
const connect = async () => {
  const client = new Client({ name: 'my-client', version: '1.0.0' })
  const transport = new StreamableHTTPClientTransport(url, { authProvider })
  try {
    await client.connect(transport)
    return client
  } catch (error) {
    if (error.name !== 'UnauthorizedError') throw error
    await transport.finishAuth(await callback.promise)
    return connect()
  }
}
const client = await connect()
const { tools } = await client.listTools()
console.log(tools.map(({ name }) => name))
await client.close()`
}

/** Program for Python and the official client that does as {@link typescriptProgram}. */
export function pythonProgram({ url, name, isOpen }: Target): string {
  if (isOpen)
    return `# pip install mcp && python ${name}.py
import asyncio

from mcp import Client


async def main():
    async with Client("${url}") as client:
        print([tool.name for tool in (await client.list_tools()).tools])


asyncio.run(main())`
  return `# pip install mcp && python ${name}.py
import asyncio
from urllib.parse import parse_qsl, urlsplit

import httpx2
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata

URL = "${url}"
REDIRECT_URL = "http://127.0.0.1:33418/callback"


class Memory:
    tokens = client = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client_info):
        self.client = client_info


async def main():
    returned = asyncio.get_running_loop().create_future()

    async def answer(reader, writer):
        parts = (await reader.readline()).decode().split()
        query = dict(parse_qsl(urlsplit(parts[1]).query)) if len(parts) > 1 else {}
        writer.write(b"HTTP/1.1 200 OK\\r\\nConnection: close\\r\\n\\r\\nDone. Return to the terminal.")
        writer.close()
        if "code" in query and not returned.done():
            returned.set_result(AuthorizationCodeResult(**query))

    async def open_page(page):
        await asyncio.start_server(answer, "127.0.0.1", 33418)
        print("Open in a browser:", page, flush=True)

    metadata = OAuthClientMetadata(client_name="My client", redirect_uris=[REDIRECT_URL], token_endpoint_auth_method="none")
    auth = OAuthClientProvider(URL, metadata, Memory(), open_page, lambda: returned)
    async with httpx2.AsyncClient(auth=auth, timeout=60) as http:
        async with Client(streamable_http_client(URL, http_client=http)) as client:
            print([tool.name for tool in (await client.list_tools()).tools])


asyncio.run(main())`
}
