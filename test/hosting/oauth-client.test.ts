import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { beginAuthorization, exchangeCode, type UpstreamClient, type UpstreamServer } from '../../hosting/upstream/oauth-client.ts'

const SERVER: UpstreamServer = {
  issuer: 'https://upstream.example',
  authorization_endpoint: 'https://upstream.example/authorize',
  token_endpoint: 'https://upstream.example/token',
  token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
}
const CLIENT: UpstreamClient = { clientId: 'wharf', clientSecret: 'secret', redirectUri: 'https://wharf.example/callback' }

afterEach(() => void vi.restoreAllMocks())

/** Sets the response of the token endpoint. Returns the requests that the endpoint received. */
function tokenEndpoint(response: () => Response | Promise<Response>): Request[] {
  const received: Request[] = []
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input) => {
    received.push(input as Request)
    return response()
  })
  return received
}

const tokens = () => Response.json({ access_token: 'token', token_type: 'bearer' })

/** Begins an authorization, and exchanges the code of a callback with these parameters. */
async function exchange(parameters: Record<string, string> = { code: 'code' }, server = SERVER, client = CLIENT) {
  const { challenge } = await beginAuthorization(server, client, 'read')
  const callback = new URL(client.redirectUri)
  for (const [name, value] of Object.entries({ state: challenge.state, ...parameters })) callback.searchParams.set(name, value)
  return { challenge, result: await exchangeCode(env, server, client, { callback, challenge }) }
}

describe('beginAuthorization', () => {
  it('names the client, the scope, a state and a PKCE challenge', async () => {
    const { url, challenge } = await beginAuthorization(SERVER, CLIENT, 'read write')
    expect(`${url.origin}${url.pathname}`).toBe('https://upstream.example/authorize')
    expect(Object.fromEntries(url.searchParams)).toEqual({
      response_type: 'code',
      client_id: 'wharf',
      redirect_uri: 'https://wharf.example/callback',
      scope: 'read write',
      state: challenge.state,
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    })
  })

  it('adds a nonce when the scope asks for an ID token', async () => {
    const { url, challenge } = await beginAuthorization(SERVER, CLIENT, 'openid email')
    expect(challenge.nonce).toMatch(/^[\w-]{43}$/)
    expect(url.searchParams.get('nonce')).toBe(challenge.nonce)
  })

  it('makes another state and another verifier each time', async () => {
    const [first, second] = [await beginAuthorization(SERVER, CLIENT, 'read'), await beginAuthorization(SERVER, CLIENT, 'read')]
    expect(first.challenge.state).not.toBe(second.challenge.state)
    expect(first.challenge.codeVerifier).not.toBe(second.challenge.codeVerifier)
  })
})

describe('exchangeCode', () => {
  it('returns the tokens, and proves possession of the verifier', async () => {
    const received = tokenEndpoint(tokens)
    const { challenge, result } = await exchange()
    expect(result).toMatchObject({ value: { access_token: 'token' } })
    const form = new URLSearchParams(await received[0]?.text())
    expect(Object.fromEntries(form)).toEqual({
      grant_type: 'authorization_code',
      code: 'code',
      redirect_uri: 'https://wharf.example/callback',
      code_verifier: challenge.codeVerifier,
    })
  })

  it.each([
    ['Basic when the server lists it', undefined, 'secret', `Basic ${btoa('wharf:secret')}`, null],
    ['a form field when the server lists only client_secret_post', ['client_secret_post'], 'secret', null, 'secret'],
    ['no secret when the client is public', undefined, undefined, null, null],
  ])('authenticates by %s', async (_, methods, clientSecret, header, field) => {
    const received = tokenEndpoint(tokens)
    const server = methods ? { ...SERVER, token_endpoint_auth_methods_supported: methods } : SERVER
    await exchange({ code: 'code' }, server, { ...CLIENT, clientSecret })
    expect(received[0]?.headers.get('Authorization')).toBe(header)
    expect(new URLSearchParams(await received[0]?.text()).get('client_secret')).toBe(field)
  })

  it.each([
    ['another state', { code: 'code', state: 'another' }],
    ['another issuer', { code: 'code', iss: 'https://another.example' }],
  ])('returns wrong-callback without a request when the callback has %s', async (_, parameters) => {
    const received = tokenEndpoint(tokens)
    const { result } = await exchange(parameters)
    expect(result).toMatchObject({ failure: { reason: 'wrong-callback' } })
    expect(received).toEqual([])
  })

  it('returns authorization-error when the user declined', async () => {
    const { result } = await exchange({ error: 'access_denied', error_description: 'no' })
    expect(result).toEqual({ failure: { reason: 'authorization-error', error: 'access_denied', description: 'no' } })
  })

  it('returns token-error when the token endpoint rejects the code', async () => {
    tokenEndpoint(() => Response.json({ error: 'invalid_grant' }, { status: 400 }))
    expect((await exchange()).result).toEqual({ failure: { reason: 'token-error', error: 'invalid_grant' } })
  })

  it.each([
    ['no JSON', () => new Response('<html>')],
    ['no access token', () => Response.json({ token_type: 'bearer' })],
    ['another token type', () => Response.json({ access_token: 'token', token_type: 'mac' })],
  ])('returns invalid-response when the token endpoint sends %s', async (_, response) => {
    tokenEndpoint(response)
    expect((await exchange()).result).toMatchObject({ failure: { reason: 'invalid-response' } })
  })

  it('returns unreachable when the token endpoint does not respond', async () => {
    tokenEndpoint(() => Promise.reject(new TypeError('connection refused')))
    expect((await exchange()).result).toEqual({ failure: { reason: 'unreachable', detail: 'upstream.example did not answer' } })
  })

  it('returns unreachable without a request when the token endpoint is a private address', async () => {
    const received = tokenEndpoint(tokens)
    const { result } = await exchange({ code: 'code' }, { ...SERVER, token_endpoint: 'https://10.0.0.1/token' })
    expect(result).toMatchObject({ failure: { reason: 'unreachable' } })
    expect(received).toEqual([])
  })
})
