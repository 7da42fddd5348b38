import { createExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { eq } from 'drizzle-orm'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { describe, expect, inject, it } from 'vitest'
import { randomToken } from '../../protocol/random.ts'
import { clients } from '../../store/schema/clients.ts'
import worker from '../../workers/index.ts'
import { add, discover, serverThatAdds } from '../support/app.ts'
import { CHALLENGE, consentForm, consentPath, signedIn, untilLimited, VERIFIER } from '../support/oauth.ts'
import { fetchPlatform, freshSlug, ORIGIN, store, type TestServer } from '../support/platform.ts'

const hosts = inject('loopbackHosts')
/** A separate host per test, because the rate limit counts fetches per host. */
let number = 0
const freshHost = () => `https://documents-${number++ % 80}.example`
const CALLBACK = 'https://app.example/callback'
const unique = () => `${randomToken(6)}.json`

/** Publishes the document under a fresh URL and returns the URL. */
async function publish(
  document: Record<string, unknown>,
  headers: Record<string, string> = {},
  url = `${freshHost()}/put/${unique()}`,
): Promise<string> {
  const grantTypes = ['authorization_code', 'refresh_token']
  await put(url, { client_id: url, client_name: 'Documented', redirect_uris: [CALLBACK], grant_types: grantTypes, ...document }, headers)
  return url
}

async function put(url: string, body: unknown, headers: Record<string, string> = {}, status = 200): Promise<void> {
  const { origin, pathname } = new URL(url)
  const type = encodeURIComponent(JSON.stringify({ 'Content-Type': 'application/json', ...headers }))
  await fetch(`${hosts[origin]}${pathname}?headers=${type}&status=${status}`, { method: 'PUT', body: JSON.stringify(body) })
}

const requestsTo = async (url: string): Promise<number> =>
  (await fetch(`${hosts[new URL(url).origin]}/requests${new URL(url).pathname}`)).json()

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

/** Opens the authorization URL from a fresh IP address, because fetches are limited by address. */
async function visit(server: TestServer, clientId: string, change: Record<string, string> = {}, from = freshSlug('ip')) {
  const browser = await signedIn(server.tenant.owner)
  const page = await browser.get(authorizePath(server, clientId, change), { headers: { 'CF-Connecting-IP': from } })
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

async function expectRefusal(response: Response, error: 'invalid_client' | 'invalid_request' = 'invalid_client'): Promise<void> {
  expect([response.status, await response.json(), response.headers.get('Cache-Control')]).toEqual([
    error === 'invalid_client' ? 401 : 400,
    { error, error_description: expect.any(String) },
    'no-store',
  ])
}

const exchange = (code: string, clientId: string) => ({
  grant_type: 'authorization_code',
  code,
  client_id: clientId,
  redirect_uri: CALLBACK,
  code_verifier: VERIFIER,
})

describe('client document', () => {
  it('identifies an unregistered app, shown by domain before name', async () => {
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

  it.concurrent.each([
    ['whose URL redirects', '/redirect/302/', /redirect/],
    ['that is not found', '/status/404/', /answered 404/],
    ['with another client_id', '/other-id/', /does not match the URL/],
    ['that is an HTML page', '/type/text%2Fhtml/', /not JSON/],
    ['with truncated JSON', '/broken/', /not JSON/],
    ['with a repeated JSON member', '/twice/', /has a duplicate member name/],
    ['of 10 MB', '/large/10000000/', /larger than 5120/],
    ['of 6 KB', '/large/6000/', /larger than 5120/],
    ['that never ends', '/endless/', /larger than 5120/],
    ['that is a gzip bomb', '/bomb/', /larger than 5120/],
    ['with a Content-Length below its size', '/short-length/', /cannot be used/],
    ['with a Content-Length above its size', '/long-length/', /cannot be used/],
    ['whose host never answers', '/stall/', /did not answer within 5 s/],
    ['whose host sends headers only', '/stall-body/', /did not answer within 5 s/],
    ['sent at one byte a second', '/drip/', /did not answer within 5 s/],
  ])('%s is refused within the size and time limits with an error page', async (_, path, message) => {
    const { page } = await visit(await serverThatAdds(), `${freshHost()}${path}${unique()}`)
    expect([page.status, page.headers.get('Content-Type')]).toEqual([400, 'text/html; charset=utf-8'])
    expect(await page.text()).toMatch(message)
  })

  it.each([
    ['an http scheme', 'http://documents.example/client/a.json'],
    ['no path', 'https://documents.example/'],
    ['a port', 'https://documents.example:8443/client/a.json'],
    ['user information', 'https://a:b@documents.example/client/a.json'],
    ['a fragment', 'https://documents.example/client/a.json#x'],
    ['dot segments', 'https://documents.example/x/../client/a.json'],
    ['escaped dot segments', 'https://documents.example/x/%2e%2e/client/a.json'],
    ['a backslash', 'https://documents.example\\client/a.json'],
    ['an IPv4 address', 'https://127.0.0.1/client/a.json'],
    ['a hexadecimal address', 'https://0x7f000001/client/a.json'],
    ['a decimal address', 'https://2130706433/client/a.json'],
    ['an IPv6 address', 'https://[::ffff:127.0.0.1]/client/a.json'],
    ['a single-label host', 'https://localhost/client/a.json'],
    ['a private host name', 'https://metadata.google.internal/client/a.json'],
    ['a trailing dot in the host', 'https://documents.example./client/a.json'],
    ['2,100 characters', `https://documents.example/client/${'a'.repeat(2100)}`],
  ])('is not fetched from a URL with %s', async (_, clientId) => {
    const { page } = await visit(await serverThatAdds(), clientId)
    expect(page.status).toBe(400)
  })

  it.each([
    ['a secret', { client_secret: 'x' }, /client_secret/],
    ['a shared-secret authentication method', { token_endpoint_auth_method: 'client_secret_basic' }, /token_endpoint_auth_method/],
    [
      'a private key',
      { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'a', y: 'b', d: 'c' }] } },
      /private key/,
    ],
    [
      'both jwks and jwks_uri',
      { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [] }, jwks_uri: 'https://keys.example/a' },
      /must not be sent together/,
    ],
    ['no redirect URIs', { redirect_uris: [] }, /redirect_uris/],
    ['a javascript: redirect URI', { redirect_uris: ['javascript:alert(1)'] }, /redirect_uris/],
  ])('is refused with %s', async (_, change, message) => {
    const { page } = await visit(await serverThatAdds(), await publish(change))
    expect(page.status).toBe(400)
    expect(await page.text()).toMatch(message)
  })

  it.each([
    ['a logo on localhost', { logo_uri: 'http://localhost:3000/logo.png' }],
    ['a client_uri without https', { client_uri: 'http://app.example/' }],
    ['a client_name of more than 64 characters', { client_name: 'x'.repeat(65) }],
  ])('is accepted with %s, which is left out', async (_, change) => {
    const { page } = await visit(await serverThatAdds(), await publish(change))
    expect(page.status).toBe(200)
    expect(await page.text()).not.toContain('x'.repeat(65))
  })

  it('is refused with a name that hides characters', async () => {
    const { page } = await visit(await serverThatAdds(), await publish({ client_name: 'Cl\u200baude' }))
    expect([page.status, await page.text()]).toEqual([400, expect.stringContaining('U+200B ZERO WIDTH SPACE')])
  })

  it('is the only source of valid redirect URIs', async () => {
    const { page } = await visit(await serverThatAdds(), await publish({}), { redirect_uri: 'https://evil.example/callback' })
    expect([page.status, page.headers.get('Location')]).toEqual([400, null])
  })

  it('requires a new consent when it changed between consent and code exchange', async () => {
    const server = await serverThatAdds()
    const clientId = await publish({})
    const code = await approved(server, clientId)
    await publish({ redirect_uris: [CALLBACK, 'https://evil.example/callback'] }, {}, clientId)
    await forget(clientId)
    const refused = await token(server, exchange(code, clientId))
    expect([refused.status, await refused.json()]).toMatchObject([400, { error: 'invalid_grant' }])
    expect((await token(server, exchange(await approved(server, clientId), clientId))).status).toBe(200)
  })

  it('cannot be approved when it changed while the consent page was open', async () => {
    const server = await serverThatAdds()
    const clientId = await publish({})
    const { browser, page } = await visit(server, clientId)
    const form = await consentForm(page)
    await publish({ client_name: 'Somebody else' }, {}, clientId)
    await forget(clientId)
    expect((await browser.post(consentPath(server), { ...form, decision: 'approve' })).status).toBe(400)
  })

  it('is fetched once for concurrent requests and then cached', async () => {
    const server = await serverThatAdds()
    const clientId = await publish({}, { 'Cache-Control': 'no-store' })
    await Promise.all(Array.from({ length: 5 }, () => visit(server, clientId)))
    await visit(server, clientId)
    expect(await requestsTo(clientId)).toBe(1)
  })

  it.each([
    ['no-store', 60],
    ['max-age=7200', 7200],
    ['max-age=315360000', 86_400],
  ])('with Cache-Control %s is cached for %i s, within one minute and one day', async (directive, seconds) => {
    const clientId = await publish({}, { 'Cache-Control': directive })
    await visit(await serverThatAdds(), clientId)
    const { expiresAt, fetchedAt } = await kept(clientId)
    expect((expiresAt - fetchedAt) / 1000).toBe(seconds)
  })

  it('is fetched again one minute after a failed fetch and not earlier', async () => {
    const server = await serverThatAdds()
    const clientId = `${freshHost()}/put/${unique()}`
    const visited = async () => (await visit(server, clientId)).page.status
    expect([await visited(), await visited(), await requestsTo(clientId)]).toEqual([400, 400, 1])
    await publish({}, { 'Cache-Control': 'max-age=7200' }, clientId)
    expect([await visited(), await requestsTo(clientId)]).toEqual([400, 1])

    const { expiresAt, fetchedAt } = await kept(clientId)
    expect(expiresAt - fetchedAt).toBe(60_000)
    const { keys } = await env.METADATA.list({ prefix: await keyOf(clientId) })
    expect(keys[0]?.expiration).toBeLessThanOrEqual(fetchedAt / 1000 + 60 + 1)
    await env.METADATA.put(await keyOf(clientId), JSON.stringify({ ...(await kept(clientId)), expiresAt: Date.now() }))
    expect([await visited(), await requestsTo(clientId)]).toEqual([200, 2])
  })

  it('is ignored when KV holds it under the key of another URL', async () => {
    const [clientId, other] = [await publish({}), await publish({ client_name: 'Other' })]
    const server = await serverThatAdds()
    await visit(server, other)
    await env.METADATA.put(await keyOf(clientId), JSON.stringify(await kept(other)))
    expect(await (await visit(server, clientId)).page.text()).toContain('“Documented”')
  })

  it('is refused with 429 when one caller has requested ten documents of its host, and not for others', async () => {
    const server = await serverThatAdds()
    const host = 'https://other-documents.example'
    const good = await publish({}, {}, `${host}/put/${unique()}`)
    expect((await visit(server, good)).page.status).toBe(200)
    const statuses = []
    for (let n = 0; n < 25; n++) statuses.push((await visit(server, `${host}/status/404/${unique()}`, {}, 'a stranger')).page.status)
    expect(statuses.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 400))
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(5)
    expect(await store.select().from(clients).where(eq(clients.serverId, server.id))).toEqual([])

    await age(good)
    expect((await visit(server, good, {}, 'a stranger')).page.status).toBe(200)
    expect(await requestsTo(good)).toBe(2)
    expect((await visit(server, `${host}/client/${unique()}`)).page.status).toBe(200)
  })

  it('stays usable when strangers in many networks use up the requests of its host', async () => {
    const server = await serverThatAdds()
    const host = freshHost()
    const good = await publish({}, {}, `${host}/put/${unique()}`)
    await visit(server, good)
    await untilLimited(async () => (await visit(server, `${host}/status/404/${unique()}`)).page)
    await age(good)
    expect([(await visit(server, good)).page.status, await requestsTo(good)]).toEqual([200, 2])
  })

  it('serves for a day after its expiry when its host is down, and ends when the host withdraws it', async () => {
    const server = await serverThatAdds()
    const clientId = await publish({})
    const { body } = await token(server, exchange(await approved(server, clientId), clientId)).then(async (tokens) => ({
      body: await tokens.json<{ refresh_token: string }>(),
    }))
    const refreshed = (refresh_token: string) => token(server, { grant_type: 'refresh_token', client_id: clientId, refresh_token })
    await put(clientId, {}, {}, 503)
    await age(clientId)
    const first = await refreshed(body.refresh_token)
    expect([first.status, await requestsTo(clientId)]).toEqual([200, 2])
    const { refresh_token } = await first.json<{ refresh_token: string }>()
    // the failure counts for a minute
    expect([(await visit(server, clientId)).page.status, await requestsTo(clientId)]).toEqual([200, 2])

    await age(clientId, 86_401)
    const late = await refreshed(refresh_token)
    expect([late.status, await late.json()]).toMatchObject([503, { error: 'temporarily_unavailable' }])

    const other = await publish({})
    expect((await visit(server, other)).page.status).toBe(200)
    await put(other, {}, {}, 404)
    await age(other)
    expect((await visit(server, other)).page.status).toBe(400)
    await put(other, {}, {}, 503)
    await age(other)
    expect((await visit(server, other)).page.status).toBe(400)
  })

  it('serves when the limits of its caller are reached', async () => {
    const server = await serverThatAdds()
    const clientId = await publish({})
    await visit(server, clientId)
    const ask = (url: string) => fetchPlatform(authorizePath(server, url), { headers: { 'CF-Connecting-IP': 'a busy network' } })
    await untilLimited(() => ask(`${freshHost()}/client/${unique()}`))
    await age(clientId)
    expect([(await ask(clientId)).status, await requestsTo(clientId)]).toEqual([303, 1])
    expect((await ask(`${freshHost()}/client/${unique()}`)).status).toBe(429)
  })

  it('is refused with 429 when the fetch limit for all hosts together is reached', async () => {
    const server = await serverThatAdds()
    const twoHosts = [freshHost(), freshHost()]
    const few = { ...env, TOTAL_FETCH_RATE_LIMIT: env.FETCH_RATE_LIMIT } // a total of ten
    const ask = async (url: string): Promise<Response> => {
      const headers = { 'CF-Connecting-IP': freshSlug('ip') }
      const request = new Request<unknown, IncomingRequestCfProperties>(new URL(authorizePath(server, url), ORIGIN), {
        headers,
        redirect: 'manual',
      })
      return worker.fetch(request, few, createExecutionContext())
    }
    const { before, limited } = await untilLimited((index) => ask(`${twoHosts[index % 2]}/client/${unique()}`))
    expect([before, limited.headers.get('Retry-After')]).toEqual([[303], '60'])
    expect(await limited.text()).toContain('too many documents')
  })
})

// An app discards its tokens on invalid_client, so a temporary failure must have a different error
// code.
it.each([
  ['503 when the host of its document is down', '/status/502/', 503, 'temporarily_unavailable'],
  ['503 when the host of its document answers 429', '/status/429/', 503, 'temporarily_unavailable'],
  ['401 invalid_client when its document is gone', '/status/404/', 401, 'invalid_client'],
])('refresh of a documented client gets %s', async (_, path, status, error) => {
  const answered = await token(await serverThatAdds(), {
    grant_type: 'refresh_token',
    refresh_token: 'a:b:c',
    client_id: `${freshHost()}${path}${unique()}`,
  })
  expect([answered.status, answered.headers.get('Retry-After')]).toEqual([status, status === 503 ? '60' : null])
  expect(await answered.json()).toMatchObject({ error })
})

describe('private_key_jwt', () => {
  /** Creates a client with keys in its document, or with `remote`, at a separate URL. */
  async function signer({ remote = false }: { remote?: boolean | string } = {}) {
    const { publicKey, privateKey } = await generateKeyPair('ES256')
    const jwk = { ...(await exportJWK(publicKey)), kid: randomToken(4), alg: 'ES256' }
    const jwksUri = typeof remote === 'string' ? remote : `${freshHost()}/put/${unique()}`
    const putKeys = (keys: unknown[]) => put(jwksUri, { keys })
    if (remote === true) await putKeys([jwk])
    const clientId = await publish({
      token_endpoint_auth_method: 'private_key_jwt',
      ...(remote ? { jwks_uri: jwksUri } : { jwks: { keys: [jwk] } }),
    })
    const sign = (server: TestServer, claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}) => {
      const now = Math.floor(Date.now() / 1000)
      return new SignJWT({ iss: clientId, sub: clientId, aud: server.urls.issuer, jti: randomToken(8), iat: now, exp: now + 60, ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: jwk.kid, ...header })
        .sign(privateKey)
    }
    return { clientId, sign, putKeys, jwk, jwksUri }
  }
  const withAssertion = (assertion: string) => ({
    client_assertion: assertion,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  })

  it.each([false, true])('authenticates a client with the keys of its document (jwks_uri: %s)', async (remote) => {
    const server = await serverThatAdds()
    const { clientId, sign } = await signer({ remote })
    const code = await approved(server, clientId)
    const tokens = await token(server, {
      ...exchange(code, clientId),
      ...withAssertion(await sign(server, { aud: server.urls.tokenEndpoint })),
    })
    expect(tokens.status).toBe(200)
  })

  /** Ages the cached key sets by 31 s, because a refetch is allowed after 30 s. */
  async function ageKeySets(): Promise<void> {
    const { keys } = await env.METADATA.list({ prefix: 'jwks|' })
    for (const { name } of keys) {
      const entry = await env.METADATA.get<{ fetchedAt: number }>(name, 'json')
      await env.METADATA.put(name, JSON.stringify({ ...entry, fetchedAt: (entry?.fetchedAt ?? 0) - 31_000 }))
    }
  }

  it('accepts an assertion without kid under any current key of the client and no other key', async () => {
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

  it('fetches the key set again when an assertion names a new key', async () => {
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

  it.concurrent.each<[string, string, RegExp, number?]>([
    ['the jwks_uri redirects', '/redirect/302/', /redirect/],
    ['the key set has 10 MB', '/large/10000000/', /larger than 65536/],
    ['the key set has 65 KiB', '/large/66560/', /larger than 65536/],
    ['the key set never ends', '/endless/', /larger than 65536/],
    ['the jwks_uri returns another document', '/client/', /key set/],
    ['the key set is deeply nested', '/nested/', /nested deeper/],
    ['the key set repeats a member', '/twice/', /has a duplicate member name/],
    ['the host of the keys never answers', '/stall/', /did not answer within 5 s/, 503],
  ])('refuses the client within the size and time limits when %s', async (_, path, message, status = 401) => {
    const server = await serverThatAdds()
    const { clientId, sign } = await signer({ remote: `${freshHost()}${path}${unique()}` })
    const code = await approved(server, clientId)
    const refused = await token(server, { ...exchange(code, clientId), ...withAssertion(await sign(server)) })
    const error = status === 401 ? 'invalid_client' : 'temporarily_unavailable'
    expect([refused.status, await refused.json(), refused.headers.get('Cache-Control')]).toEqual([
      status,
      { error, error_description: expect.stringMatching(message) },
      'no-store',
    ])
  })

  it('fetches the key set at most once in 30 s when assertions name unknown keys', async () => {
    const server = await serverThatAdds()
    const { clientId, sign, jwksUri } = await signer({ remote: true })
    const code = await approved(server, clientId)
    const presentUnknownKeys = async () => {
      const assertions = Array.from({ length: 10 }, async () => sign(server, {}, { kid: randomToken(4) }))
      const answers = await Promise.all(
        assertions.map(async (assertion) => token(server, { ...exchange(code, clientId), ...withAssertion(await assertion) })),
      )
      return [new Set(answers.map(({ status }) => status)), await requestsTo(jwksUri)]
    }
    expect(await presentUnknownKeys()).toEqual([new Set([401]), 1])
    await ageKeySets()
    expect(await presentUnknownKeys()).toEqual([new Set([401]), 2])
    expect(await presentUnknownKeys()).toEqual([new Set([401]), 2])
    expect((await token(server, { ...exchange(code, clientId), ...withAssertion(await sign(server)) })).status).toBe(200)
  })

  it('keeps the cached key set when the refetch for an unknown key fails', async () => {
    const server = await serverThatAdds()
    const { clientId, sign, putKeys, jwksUri } = await signer({ remote: true })
    const code = await approved(server, clientId)
    const present = async (header: Record<string, unknown> = {}) =>
      (await token(server, { ...exchange(code, clientId), ...withAssertion(await sign(server, {}, header)) })).status
    expect(await present({ kid: 'unknown' })).toBe(401)
    await putKeys([]) // an empty set is invalid
    await ageKeySets()
    expect([await present({ kid: 'unknown' }), await present({ kid: 'unknown' }), await requestsTo(jwksUri)]).toEqual([401, 401, 2])
    expect(await present()).toBe(200)
  })

  const soon = (seconds: number) => Math.floor(Date.now() / 1000) + seconds

  it.each<[string, () => Record<string, unknown>, RegExp]>([
    ['the audience of another issuer', () => ({ aud: 'https://evil.example' }), /has an invalid aud/],
    ['another subject', () => ({ sub: 'https://documents.example/client/other' }), /has an invalid sub/],
    ['another issuer', () => ({ iss: 'https://documents.example/client/other' }), /has an invalid iss/],
    ['an exp in a day', () => ({ exp: soon(86_400) }), /exp is more than an hour in the future/],
    ['an exp in an hour and two minutes', () => ({ exp: soon(3720) }), /exp is more than an hour in the future/],
    ['an exp 61 s ago', () => ({ exp: soon(-61) }), /has expired/],
    ['an iat in 90 s', () => ({ iat: soon(90) }), /iat is in the future/],
    ['an nbf in 90 s', () => ({ nbf: soon(90) }), /has an invalid nbf/],
    ['no jti', () => ({ jti: undefined }), /has no jti/],
    ['no exp', () => ({ exp: undefined }), /has no exp/],
  ])('refuses an assertion with %s', async (_, claims, description) => {
    const server = await serverThatAdds()
    const { clientId, sign } = await signer()
    const code = await approved(server, clientId)
    const refused = await token(server, { ...exchange(code, clientId), ...withAssertion(await sign(server, claims())) })
    expect(await refused.clone().json()).toMatchObject({ error_description: expect.stringMatching(description) })
    await expectRefusal(refused)
  })

  it.each<[string, () => Record<string, unknown>]>([
    ['an exp 30 s ago', () => ({ exp: soon(-30) })],
    ['an iat in 45 s', () => ({ iat: soon(45) })],
    ['an nbf in 45 s', () => ({ nbf: soon(45) })],
    ['an exp in an hour and 45 s', () => ({ exp: soon(3645) })],
  ])('accepts an assertion with %s, within the clock tolerance', async (_, claims) => {
    const server = await serverThatAdds()
    const { clientId, sign } = await signer()
    const code = await approved(server, clientId)
    expect((await token(server, { ...exchange(code, clientId), ...withAssertion(await sign(server, claims())) })).status).toBe(200)
  })

  it('refuses missing, unsigned and HMAC assertions and wrong parameters', async () => {
    const server = await serverThatAdds()
    const { clientId, jwk, sign } = await signer()
    const code = await approved(server, clientId)
    const part = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).toBase64({ alphabet: 'base64url', omitPadding: true })
    const claims = { iss: clientId, sub: clientId, aud: server.urls.issuer, jti: 'x', exp: soon(60) }
    const shared = (secret: string) => new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(secret))
    const signed = await sign(server)
    const unknown = { client_id: 'https://documents.example/client/unknown' }
    for (const [extra, error] of [
      [{}, 'invalid_client'],
      [withAssertion(`${part({ alg: 'none' })}.${part(claims)}.`), 'invalid_client'],
      [withAssertion(`${part({ alg: 'none', kid: jwk.kid })}.${part(claims)}.${signed.split('.')[2]}`), 'invalid_client'],
      [withAssertion(await shared(JSON.stringify(jwk))), 'invalid_client'],
      [withAssertion(await shared(jwk.x ?? '')), 'invalid_client'],
      [withAssertion(`${signed.slice(0, -4)}AAAA`), 'invalid_client'],
      [{ ...withAssertion(signed), ...unknown }, 'invalid_client'],
      [{ client_assertion: signed }, 'invalid_request'],
      [{ client_secret: 'x', ...withAssertion(signed) }, 'invalid_request'],
    ] as const)
      await expectRefusal(await token(server, { ...exchange(code, clientId), ...extra }), error)
    expect((await token(server, { ...exchange(code, clientId), ...withAssertion(signed) })).status).toBe(200)
  })

  it('accepts an assertion once when ten requests send it at the same time', async () => {
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

/** Makes the cached entry expired for so many seconds. */
async function age(url: string, seconds = 1): Promise<void> {
  const entry = await kept(url)
  const passed = entry.expiresAt - Date.now() + seconds * 1000
  const aged = { ...entry, expiresAt: entry.expiresAt - passed, ...(entry.staleUntil ? { staleUntil: entry.staleUntil - passed } : {}) }
  await env.METADATA.put(await keyOf(url), JSON.stringify(aged))
}

async function kept(url: string): Promise<{ fetchedAt: number; expiresAt: number; staleUntil?: number }> {
  const entry = await env.METADATA.get<{ fetchedAt: number; expiresAt: number; staleUntil?: number }>(await keyOf(url), 'json')
  expect(entry).toMatchObject({ url })
  return entry!
}
