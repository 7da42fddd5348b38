import { env } from 'cloudflare:workers'
import { expect, inject, it } from 'vitest'
import { guardedFetch, parseDevOrigins } from '../../protocol/http/guarded-fetch.ts'
import { addresses } from '../support/platform.ts'

const hosts = inject('loopbackHosts')

/** As the platform fetches what other people wrote: 5 KB, no redirects. */
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

it('serves a document at an https URL that loopback stands in for', async () => {
  const url = 'https://documents.example/client/a/client.json'
  const response = await fetchOutside(url)
  expect(await response.json()).toMatchObject({ client_id: url, redirect_uris: ['https://app.example/callback'] })
  const asked = await fetch(`${hosts['https://documents.example']}/requests/client/a/client.json`)
  expect(await asked.json()).toBe(1)
})

it('serves what a test puts there, with its headers, until it puts something else', async () => {
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
])('costs no more than its limits where a host %s', async (_, path, reason) => {
  const reading = fetchOutside(`https://documents.example/${path}`, 1500).then((response) => response.text())
  await expect(reading).rejects.toThrow(new RegExp(reason))
})

it.each([
  ['smaller', 'short-length/c.json'],
  ['larger', 'long-length/c.json'],
])('reads no document of a host that tells a length %s than the truth', async (_, path) => {
  const reading = fetchOutside(`https://documents.example/${path}`).then((response) => response.json())
  await expect(reading).rejects.toThrow()
})
