import { env } from 'cloudflare:workers'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { describe, expect, inject, it } from 'vitest'
import { randomToken } from '../../protocol/random.ts'
import { add, discover, serverThatAdds } from '../support/app.ts'
import { CHALLENGE, consentForm, consentPath, signedIn, VERIFIER } from '../support/oauth.ts'
import { fetchPlatform, freshSlug, type TestServer } from '../support/platform.ts'

const hosts = inject('loopbackHosts')
/** A host of its own for each test, since fetches are counted by host. */
let number = 0
const freshHost = () => `https://documents-${number++}.example`
const CALLBACK = 'https://app.example/callback'
const unique = () => `${randomToken(6)}.json`

/** Has the host serve this document under a URL of its own, and answers that. */
async function publish(
  document: Record<string, unknown>,
  headers: Record<string, string> = {},
  url = `${freshHost()}/put/${unique()}`,
): Promise<string> {
  const { origin, pathname } = new URL(url)
  const body = JSON.stringify({
    client_id: url,
    client_name: 'Documented',
    redirect_uris: [CALLBACK],
    grant_types: ['authorization_code', 'refresh_token'],
    ...document,
  })
  await fetch(
    `${hosts[origin]}${pathname}?headers=${encodeURIComponent(JSON.stringify({ 'Content-Type': 'application/json', ...headers }))}`,
    { method: 'PUT', body },
  )
  return url
}

const asked = async (url: string): Promise<number> => (await fetch(`${hosts[new URL(url).origin]}/requests${new URL(url).pathname}`)).json()

function authorizePath(server: TestServer, clientId: string, change: Record<string, string> = {}): string {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: CALLBACK,
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    state: 's',
    ...change,
  })
  return `${new URL(server.urls.authorizationEndpoint).pathname}?${query}`
}

/** A visit of the owner's, from an address of its own, since fetches are counted by asker. */
async function visit(server: TestServer, clientId: string, change: Record<string, string> = {}) {
  const browser = await signedIn(server.tenant.owner)
  const page = await browser.get(authorizePath(server, clientId, change), { headers: { 'CF-Connecting-IP': freshSlug('ip') } })
  return { browser, page }
}

async function approved(server: TestServer, clientId: string): Promise<string> {
  const { browser, page } = await visit(server, clientId)
  const answer = await browser.post(consentPath(server), { ...(await consentForm(page)), decision: 'approve' })
  expect(answer.status).toBe(303)
  return new URL(answer.headers.get('Location') ?? '').searchParams.get('code') ?? ''
}

function token(server: TestServer, form: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
  return fetchPlatform(new URL(server.urls.tokenEndpoint).pathname, {
    method: 'POST',
    body: new URLSearchParams(form),
    headers: { 'CF-Connecting-IP': freshSlug('ip'), ...headers },
  })
}

const exchange = (code: string, clientId: string) => ({
  grant_type: 'authorization_code',
  code,
  client_id: clientId,
  redirect_uri: CALLBACK,
  code_verifier: VERIFIER,
})

describe('a client document', () => {
  it('lets an app in that never registered, shown by its domain before its name', async () => {
    const server = await serverThatAdds()
    const clientId = `${freshHost()}/client/${unique()}`
    expect((await discover(server)).documentsSupported).toBe(true)
    const { page } = await visit(server, clientId)
    const text = await page.text()
    expect(text.indexOf(new URL(clientId).host)).toBeLessThan(text.indexOf('Documented App'))
    expect(text).toContain(clientId)
    const tokens = await (
      await token(server, exchange(await approved(server, clientId), clientId))
    ).json<{ access_token: string; refresh_token: string }>()
    expect(await add(server, tokens.access_token)).toBe('5')
    const refreshed = await token(server, { grant_type: 'refresh_token', refresh_token: tokens.refresh_token, client_id: clientId })
    expect(refreshed.status).toBe(200)
  })

  it.each([
    ['redirects', '/redirect/302/', /redirect/],
    ['is not found', '/status/404/', /answered 404/],
    ['has another client_id', '/other-id/', /not the URL/],
    ['is a web page', '/type/text%2Fhtml/', /not JSON/],
    ['is half a document', '/broken/', /not JSON/],
    ['is 10 MB', '/large/10000000/', /larger than 5120/],
    ['is 6 KB', '/large/6000/', /larger than 5120/],
    ['never ends', '/endless/', /larger than 5120/],
    ['is a gzip bomb', '/bomb/', /larger than 5120/],
    ['lies about its length, saying less', '/short-length/', /could not be used/],
    ['lies about its length, saying more', '/long-length/', /could not be used/],
    ['never answers', '/stall/', /did not answer within 5 s|could not be reached/],
    ['never goes on', '/stall-body/', /did not answer within 5 s|could not be/],
    ['comes a byte a second', '/drip/', /did not answer within 5 s|could not be/],
  ])('that %s costs at most its limits and gets a clear page', async (_, path, message) => {
    const began = Date.now()
    const { page } = await visit(await serverThatAdds(), `${freshHost()}${path}${unique()}`)
    expect([page.status, page.headers.get('Content-Type')]).toEqual([400, 'text/html; charset=utf-8'])
    expect(await page.text()).toMatch(message)
    expect(Date.now() - began).toBeLessThan(20_000)
  })

  it.each([
    ['http', 'http://documents.example/client/a.json'],
    ['no path', 'https://documents.example/'],
    ['a port', 'https://documents.example:8443/client/a.json'],
    ['a user', 'https://a:b@documents.example/client/a.json'],
    ['a fragment', 'https://documents.example/client/a.json#x'],
    ['dot segments', 'https://documents.example/x/../client/a.json'],
    ['escaped dot segments', 'https://documents.example/x/%2e%2e/client/a.json'],
    ['a backslash', 'https://documents.example\\client/a.json'],
    ['an IPv4 address', 'https://127.0.0.1/client/a.json'],
    ['an address in hexadecimal', 'https://0x7f000001/client/a.json'],
    ['an address as a number', 'https://2130706433/client/a.json'],
    ['an IPv6 address', 'https://[::ffff:127.0.0.1]/client/a.json'],
    ['a single label', 'https://localhost/client/a.json'],
    ['a private name', 'https://metadata.google.internal/client/a.json'],
    ['a trailing dot', 'https://documents.example./client/a.json'],
    ['2,100 characters', `https://documents.example/client/${'a'.repeat(2100)}`],
  ])('is not fetched from a URL with %s', async (_, clientId) => {
    const { page } = await visit(await serverThatAdds(), clientId)
    expect(page.status).toBe(400)
  })

  it.each([
    ['a secret', { client_secret: 'x' }, /client_secret/],
    ['a shared-secret method', { token_endpoint_auth_method: 'client_secret_basic' }, /token_endpoint_auth_method/],
    [
      'a private key',
      { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'a', y: 'b', d: 'c' }] } },
      /private key/,
    ],
    [
      'keys twice over',
      { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [] }, jwks_uri: 'https://keys.example/a' },
      /exclude/,
    ],
    ['no redirect URI', { redirect_uris: [] }, /redirect_uris/],
    ['a redirect URI that runs code', { redirect_uris: ['javascript:alert(1)'] }, /redirect_uris/],
  ])('is refused with %s', async (_, change, message) => {
    const { page } = await visit(await serverThatAdds(), await publish(change))
    expect(page.status).toBe(400)
    expect(await page.text()).toMatch(message)
  })

  it('names where access may be sent', async () => {
    const { page } = await visit(await serverThatAdds(), await publish({}), { redirect_uri: 'https://evil.example/callback' })
    expect([page.status, page.headers.get('Location')]).toEqual([400, null])
  })

  it('that changes between consent and exchange needs consent again', async () => {
    const server = await serverThatAdds()
    const clientId = await publish({})
    const code = await approved(server, clientId)
    await publish({ redirect_uris: [CALLBACK, 'https://evil.example/callback'] }, {}, clientId)
    await forget(clientId)
    const refused = await token(server, exchange(code, clientId))
    expect([refused.status, await refused.json()]).toMatchObject([400, { error: 'invalid_grant' }])
    expect((await token(server, exchange(await approved(server, clientId), clientId))).status).toBe(200)
  })

  it('that changes between the page and the decision is not approved', async () => {
    const server = await serverThatAdds()
    const clientId = await publish({})
    const { browser, page } = await visit(server, clientId)
    const form = await consentForm(page)
    await publish({ client_name: 'Somebody else' }, {}, clientId)
    await forget(clientId)
    expect((await browser.post(consentPath(server), { ...form, decision: 'approve' })).status).toBe(400)
  })

  it('is fetched once for all who ask at once, and then kept', async () => {
    const server = await serverThatAdds()
    const clientId = await publish({}, { 'Cache-Control': 'no-store' })
    await Promise.all(Array.from({ length: 5 }, () => visit(server, clientId)))
    await visit(server, clientId)
    expect(await asked(clientId)).toBe(1)
  })

  it.each([
    ['no-store', 60],
    ['max-age=7200', 7200],
    ['max-age=315360000', 86_400],
  ])('is kept as its Cache-Control %s says, between a minute and a day', async (directive, seconds) => {
    const clientId = await publish({}, { 'Cache-Control': directive })
    await visit(await serverThatAdds(), clientId)
    const { keys } = await env.METADATA.list({ prefix: 'client-document|' })
    const entries = await Promise.all(
      keys.map(({ name }) => env.METADATA.get<{ url: string; fetchedAt: number; expiresAt: number }>(name, 'json')),
    )
    const entry = entries.find((candidate) => candidate?.url === clientId)
    expect(((entry?.expiresAt ?? 0) - (entry?.fetchedAt ?? 0)) / 1000).toBe(seconds)
  })

  it('is not believed from KV under another URL’s key', async () => {
    const [clientId, other] = [await publish({}), await publish({ client_name: 'Other' })]
    const server = await serverThatAdds()
    await visit(server, other)
    const { keys } = await env.METADATA.list({ prefix: 'client-document|' })
    for (const { name } of keys) {
      const value = await env.METADATA.get<{ url: string }>(name, 'json')
      if (value?.url === other) await env.METADATA.put(await keyOf(clientId), JSON.stringify(value))
    }
    expect(await (await visit(server, clientId)).page.text()).toContain('“Documented”')
  })

  it('of one host is fetched ten times a minute at most, then the page says to wait', async () => {
    const server = await serverThatAdds()
    const statuses = []
    for (let n = 0; n < 25; n++) statuses.push((await visit(server, `https://other-documents.example/client/${unique()}`)).page.status)
    expect(statuses.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 200))
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(5)
  })
})

describe('private_key_jwt', () => {
  async function signer(options: { remote?: boolean } = {}) {
    const { publicKey, privateKey } = await generateKeyPair('ES256')
    const jwk = { ...(await exportJWK(publicKey)), kid: randomToken(4), alg: 'ES256' }
    const jwksUri = `https://keys.example/put/${unique()}`
    const putKeys = (keys: unknown[]) =>
      fetch(
        `${hosts['https://keys.example']}${new URL(jwksUri).pathname}?headers=${encodeURIComponent('{"Content-Type":"application/json"}')}`,
        { method: 'PUT', body: JSON.stringify({ keys }) },
      )
    await putKeys([jwk])
    const clientId = await publish({
      token_endpoint_auth_method: 'private_key_jwt',
      ...(options.remote ? { jwks_uri: jwksUri } : { jwks: { keys: [jwk] } }),
    })
    const sign = (server: TestServer, claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}) => {
      const now = Math.floor(Date.now() / 1000)
      return new SignJWT({ iss: clientId, sub: clientId, aud: server.urls.issuer, jti: randomToken(8), iat: now, exp: now + 60, ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: jwk.kid, ...header })
        .sign(privateKey)
    }
    return { clientId, sign, putKeys, jwk }
  }
  const withAssertion = (assertion: string) => ({
    client_assertion: assertion,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  })

  it.each([false, true])('authenticates a client with its own keys (remote: %s)', async (remote) => {
    const server = await serverThatAdds()
    const { clientId, sign } = await signer({ remote })
    const code = await approved(server, clientId)
    const tokens = await token(server, {
      ...exchange(code, clientId),
      ...withAssertion(await sign(server, { aud: server.urls.tokenEndpoint })),
    })
    expect(tokens.status).toBe(200)
  })

  /** As if the kept ones had been fetched half a minute ago, after which one may be fetched again. */
  async function ageKeySets(): Promise<void> {
    const { keys } = await env.METADATA.list({ prefix: 'jwks|' })
    for (const { name } of keys) {
      const entry = await env.METADATA.get<{ fetchedAt: number }>(name, 'json')
      await env.METADATA.put(name, JSON.stringify({ ...entry, fetchedAt: (entry?.fetchedAt ?? 0) - 31_000 }))
    }
  }

  it('takes an assertion that names no key, while its client has two and after it has changed them, and nobody else’s', async () => {
    const server = await serverThatAdds()
    const [client, stranger] = [await signer({ remote: true }), await signer()]
    const present = async (assertion: string) =>
      token(server, { ...exchange(await approved(server, client.clientId), client.clientId), ...withAssertion(assertion) })
    const unnamed = { kid: undefined }
    await client.putKeys([stranger.jwk, client.jwk])
    expect((await present(await client.sign(server, {}, unnamed))).status).toBe(200)
    expect((await present(await stranger.sign(server, { iss: client.clientId, sub: client.clientId }, unnamed))).status).toBe(200)

    const next = await signer()
    const byNext = async () => next.sign(server, { iss: client.clientId, sub: client.clientId }, unnamed)
    expect((await present(await byNext())).status).toBe(401)
    await client.putKeys([next.jwk])
    await ageKeySets()
    expect((await present(await byNext())).status).toBe(200)
    expect((await present(await client.sign(server, {}, unnamed))).status).toBe(401)
  })

  it('finds a key that is new in a published set', async () => {
    const server = await serverThatAdds()
    const first = await signer({ remote: true })
    const code = await approved(server, first.clientId)
    const { publicKey, privateKey } = await generateKeyPair('ES256')
    const added = { ...(await exportJWK(publicKey)), kid: 'new' }
    const now = Math.floor(Date.now() / 1000)
    const rotated = await new SignJWT({
      iss: first.clientId,
      sub: first.clientId,
      aud: server.urls.issuer,
      jti: randomToken(8),
      exp: now + 60,
    })
      .setProtectedHeader({ alg: 'ES256', kid: 'new' })
      .sign(privateKey)
    expect(
      (
        await token(server, {
          ...exchange(code, first.clientId),
          ...withAssertion(await first.sign(server, { jti: 'warm' }, { kid: first.jwk.kid })),
        })
      ).status,
    ).toBe(200)
    await first.putKeys([first.jwk, added])
    await ageKeySets()
    const again = await approved(server, first.clientId)
    expect((await token(server, { ...exchange(again, first.clientId), ...withAssertion(rotated) })).status).toBe(200)
  })

  it.each<[string, Record<string, unknown>]>([
    ['another issuer’s audience', { aud: 'https://evil.example' }],
    ['another subject', { sub: 'https://documents.example/client/other' }],
    ['another issuer', { iss: 'https://documents.example/client/other' }],
    ['an expiry a day away', { exp: Math.floor(Date.now() / 1000) + 86_400 }],
    ['an expiry in the past', { exp: Math.floor(Date.now() / 1000) - 120 }],
    ['no jti', { jti: undefined }],
    ['an iat in the future', { iat: Math.floor(Date.now() / 1000) + 600 }],
  ])('refuses an assertion with %s', async (_, claims) => {
    const server = await serverThatAdds()
    const { clientId, sign } = await signer()
    const refused = await token(server, {
      ...exchange(await approved(server, clientId), clientId),
      ...withAssertion(await sign(server, claims)),
    })
    expect([refused.status, await refused.json(), refused.headers.get('Cache-Control')]).toMatchObject([
      401,
      { error: 'invalid_client' },
      'no-store',
    ])
  })

  it('refuses a client that shows nothing, an unsigned assertion, and one under a shared secret', async () => {
    const server = await serverThatAdds()
    const { clientId, jwk } = await signer()
    const code = await approved(server, clientId)
    const part = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).toBase64({ alphabet: 'base64url', omitPadding: true })
    const claims = { iss: clientId, sub: clientId, aud: server.urls.issuer, jti: 'x', exp: Math.floor(Date.now() / 1000) + 60 }
    const shared = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(JSON.stringify(jwk)))
    const attempts: Record<string, string>[] = [
      {},
      withAssertion(`${part({ alg: 'none' })}.${part(claims)}.`),
      withAssertion(shared),
      { client_assertion: 'x' },
      { client_secret: 'x', ...withAssertion(shared) },
    ]
    for (const extra of attempts) {
      const refused = await token(server, { ...exchange(code, clientId), ...extra })
      expect([400, 401]).toContain(refused.status)
    }
  })

  it('takes an assertion once, however many send it at once', async () => {
    const server = await serverThatAdds()
    const { clientId, sign } = await signer()
    const tokens = await (
      await token(server, { ...exchange(await approved(server, clientId), clientId), ...withAssertion(await sign(server)) })
    ).json<{ refresh_token: string }>()
    const assertion = await sign(server)
    const statuses = await Promise.all(
      Array.from(
        { length: 10 },
        async () =>
          (
            await token(server, {
              grant_type: 'refresh_token',
              refresh_token: tokens.refresh_token,
              client_id: clientId,
              ...withAssertion(assertion),
            })
          ).status,
      ),
    )
    expect(statuses.toSorted()).toEqual([200, ...Array.from({ length: 9 }, () => 401)])
  })
})

const keyOf = async (url: string) =>
  `client-document|${new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(url))).toHex()}`
const forget = async (url: string) => env.METADATA.delete(await keyOf(url))
