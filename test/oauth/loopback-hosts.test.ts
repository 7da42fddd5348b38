import { env } from 'cloudflare:workers'
import { expect, inject, it } from 'vitest'
import { guardedFetch, parseDevOrigins } from '../../protocol/http/guarded-fetch.ts'
import { addresses } from '../support/platform.ts'

const hosts = inject('loopbackHosts')

/** Fetches with the limits for client documents: 5 KB and no redirects. */
async function fetchOutside(url: string, milliseconds = 2000): Promise<Response> {
  return guardedFetch(new Request(url), {
    addresses,
    devOrigins: parseDevOrigins(env.DEV_ORIGINS, addresses),
    fetch: (request) => fetch(request),
    redirect: 'error',
    signal: AbortSignal.timeout(milliseconds),
    maxRequestBytes: 0,
    maxResponseBytes: 5120,
  })
}

it('guarded fetch reads a document at an https URL mapped to loopback', async () => {
  const url = 'https://documents.example/client/a/client.json'
  const response = await fetchOutside(url)
  expect(await response.json()).toMatchObject({ client_id: url, redirect_uris: ['https://app.example/callback'] })
  const asked = await fetch(`${hosts['https://documents.example']}/requests/client/a/client.json`)
  expect(await asked.json()).toBe(1)
})

it('document host serves the last body and headers put by a test', async () => {
  const path = '/put/keys.json'
  for (const keys of [[], [{ kty: 'RSA' }]]) {
    const put = await fetch(`${hosts['https://keys.example']}${path}?headers={"Cache-Control":"max-age=5"}`, {
      method: 'PUT',
      body: JSON.stringify({ keys }),
    })
    expect(put.status).toBe(204)
    const response = await fetchOutside(`https://keys.example${path}`)
    expect([response.headers.get('Cache-Control'), await response.json()]).toEqual(['max-age=5', { keys }])
  }
})

it.concurrent.each([
  ['redirects', 'redirect/302/b.json', 'redirect'],
  ['sends 10 MB', 'large/10485760/b.json', '5120 bytes'],
  ['never ends', 'endless/b.json', '5120 bytes'],
  ['sends 10 MB compressed', 'bomb/b.json', '5120 bytes'],
  ['never answers', 'stall/b.json', 'timeout'],
  ['never sends a body', 'stall-body/b.json', 'timeout'],
  ['sends a byte a second', 'drip/b.json', 'timeout'],
])('guarded fetch stops at its limits when a host %s', async (_, path, reason) => {
  const reading = fetchOutside(`https://documents.example/${path}`, 1500).then((response) => response.text())
  await expect(reading).rejects.toThrow(new RegExp(reason))
})

it.each([
  ['below', 'short-length/c.json'],
  ['above', 'long-length/c.json'],
])('guarded fetch reads no document when Content-Length is %s the size of the body', async (_, path) => {
  const reading = fetchOutside(`https://documents.example/${path}`).then((response) => response.json())
  await expect(reading).rejects.toThrow()
})
