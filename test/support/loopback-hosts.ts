import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestProject } from 'vitest/node'
import { documentHost } from './document-host.ts'
import { openIdProvider } from './openid-provider.ts'

/** External hosts as HTTP servers on loopback. DEV_ORIGINS maps https origins to the servers. */
export interface LoopbackHosts {
  /** Map of https origins to loopback origins. */
  origins: Record<string, string>
  stop(): Promise<void>
}

export type Respond = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** Hosts of client documents and keys, served by document-host.ts. Some belong to real apps. */
const DOCUMENT_HOSTS = [
  'https://documents.example',
  'https://other-documents.example',
  'https://keys.example',
  'https://claude.ai',
  'https://chatgpt.com',
  'https://vscode.dev',
  'https://zed.dev',
  'https://opencode.ai',
]
/** Separate hosts for tests that would exceed the fetch limit of one host. */
const NUMBERED_HOSTS = Array.from({ length: 80 }, (_, number) => `https://documents-${number}.example`)
/**
 * Provider of the operator first. A numbered provider belongs to one test file, because tests
 * change its responses.
 */
const IDENTITY_PROVIDERS = [
  'https://idp.example',
  'https://other-idp.example',
  ...Array.from({ length: 40 }, (_, number) => `https://idp-${number}.example`),
]

export async function startLoopbackHosts(): Promise<LoopbackHosts> {
  const servers: Server[] = []
  const origins: Record<string, string> = {}
  const start = async (origin: string, respond: Respond) => {
    const server = createServer((request, response) => {
      void Promise.resolve(respond(request, response)).catch((error: unknown) => {
        if (!response.headersSent) response.writeHead(500, { 'Content-Type': 'text/plain' })
        response.end(String(error))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    servers.push(server)
    origins[origin] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  for (const origin of [...DOCUMENT_HOSTS, ...NUMBERED_HOSTS]) await start(origin, documentHost(origin))
  for (const origin of IDENTITY_PROVIDERS) await start(origin, openIdProvider(origin))
  return {
    origins,
    async stop() {
      for (const server of servers) server.closeAllConnections()
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
    },
  }
}

/** Starts the hosts. Tests in workerd find the loopback origins with `inject('loopbackHosts')`. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const hosts = await startLoopbackHosts()
  provide('loopbackHosts', hosts.origins)
  return () => hosts.stop()
}
