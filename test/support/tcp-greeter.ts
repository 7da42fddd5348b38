import { createServer } from 'node:net'
import type { TestProject } from 'vitest/node'

/** Starts a TCP server on loopback, which code of hosted servers must not reach. */
export default async function setup({ provide }: TestProject): Promise<() => void> {
  const server = createServer((socket) => socket.end('greetings'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  provide('greeterPort', address.port)
  return () => void server.close()
}
