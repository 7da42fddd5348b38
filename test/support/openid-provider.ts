import { createHash, randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { base64url, exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose'
import { json, read } from './document-host.ts'
import type { Respond } from './loopback-hosts.ts'
import type { KeyName, ProviderSignIn } from './provider-sign-in.ts'

/**
 * A client stored by a test with `PUT /clients/{client id}`. Sign-ins need no page and use its
 * claims.
 */
interface RegisteredClient {
  client_secret: string
  redirect_uris: string[]
  /** Claims of the ID token and userinfo. Override the default `sub` and `email`. */
  claims?: JWTPayload
}

interface Code {
  clientId: string
  redirectUri: string
  nonce: string | null
  challenge: string | null
  signIn: ProviderSignIn
}

/** Replacement response of a path, set with `PUT /answers` and `{ "/jwks": "large" }`. */
type Answer = 'redirect' | 'large' | 'stall' | 'broken' | 'html' | 'error'

const ID_JAG = 'urn:ietf:params:oauth:token-type:id-jag'

/**
 * An OpenID provider (Core 1.0, Discovery 1.0) with authorization code, PKCE, client_secret_basic,
 * client_secret_post, RS256, and token exchange of an ID token for an identity assertion (ID-JAG).
 * Tests change its behaviour with these requests:
 *
 * | request | effect |
 * | --- | --- |
 * | `POST /sign` `{ header, claims, key? }` | signs anything |
 * | `PUT /configuration` | changes the configuration document; null omits a member |
 * | `PUT /answers` | replaces the responses of paths |
 * | `POST /rotate` | replaces the signing key |
 * | `GET /requests/{path}` | returns the number of requests for a path |
 */
export function openIdProvider(issuer: string): Respond {
  const { hostname } = new URL(issuer)
  const other = once(() => generateKeyPair('RS256'))
  let generation = 0
  let own = once(() => generateKeyPair('RS256', { extractable: true }))
  const clients = new Map<string, RegisteredClient>()
  const codes = new Map<string, Code>()
  const accessTokens = new Map<string, Record<string, unknown>>()
  const requests = new Map<string, number>()
  let changes: Record<string, unknown> = {}
  let answers: Record<string, Answer> = {}

  const kid = () => `key-${generation}-of-${hostname}`
  const sign = async (claims: JWTPayload, header: Record<string, unknown> = {}, key: KeyName = 'own') => {
    if (key === 'none') return new UnsecuredJWT(claims).encode()
    const pair = await (key === 'other' ? other() : own())
    const protectedHeader = { alg: key === 'published' ? 'HS256' : 'RS256', kid: kid(), ...header }
    const secret = key === 'published' ? new TextEncoder().encode(await exportSPKI(pair.publicKey)) : pair.privateKey
    return new SignJWT(claims).setProtectedHeader(protectedHeader).sign(secret)
  }

  const claimsOf = (clientId: string, { claims }: ProviderSignIn): Record<string, unknown> => ({
    sub: 'person-1',
    email: 'person@idp.example',
    email_verified: true,
    name: 'Person One',
    ...clients.get(clientId)?.claims,
    ...claims,
  })

  const authenticated = (form: URLSearchParams, request: IncomingMessage) => {
    const { id, secret } = credentials(form, request)
    const client = clients.get(id)
    return client?.client_secret === secret ? id : undefined
  }

  const exchangeCode = async (id: string, form: URLSearchParams) => {
    const code = codes.get(form.get('code') ?? '')
    codes.delete(form.get('code') ?? '')
    const verified =
      code?.challenge ===
      createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url')
    if (code?.clientId !== id || code.redirectUri !== form.get('redirect_uri') || (code.challenge !== null && !verified)) {
      return { status: 400, body: { error: 'invalid_grant' } }
    }
    const now = Math.floor(Date.now() / 1000)
    const claims = claimsOf(id, code.signIn)
    const accessToken = randomUUID()
    accessTokens.set(accessToken, withoutNull({ ...claims, ...code.signIn.userinfo }))
    const nonce = code.nonce === null ? {} : { nonce: code.nonce }
    const idTokenClaims = { iss: issuer, aud: id, iat: now, exp: now + 300, ...nonce, ...claims, ...code.signIn.idToken }
    const idToken = await sign(withoutNull(idTokenClaims), code.signIn.header, code.signIn.key)
    return {
      status: 200,
      body: { access_token: accessToken, token_type: 'Bearer', expires_in: 300, scope: 'openid email', id_token: idToken },
    }
  }

  /** Returns an ID-JAG (RFC 8693, draft-ietf-oauth-identity-assertion-authz-grant §4.3). */
  const exchangeToken = async (id: string, form: URLSearchParams) => {
    const [, payload = ''] = (form.get('subject_token') ?? '').split('.')
    const { sub, email, email_verified } = JSON.parse(new TextDecoder().decode(base64url.decode(payload))) as JWTPayload
    const now = Math.floor(Date.now() / 1000)
    const scope = form.get('scope')
    const assertion = await sign(
      {
        iss: issuer,
        sub,
        email,
        email_verified,
        aud: form.get('audience') ?? '',
        resource: form.get('resource') ?? '',
        client_id: id,
        jti: randomUUID(),
        iat: now,
        exp: now + 300,
        ...(scope === null ? {} : { scope }),
      },
      { typ: 'oauth-id-jag+jwt' },
    )
    return { status: 200, body: { issued_token_type: ID_JAG, access_token: assertion, token_type: 'N_A', expires_in: 300 } }
  }

  return async (request, response) => {
    const url = new URL(request.url ?? '/', issuer)
    const { pathname, searchParams: query } = url
    const put = async <T>() => JSON.parse(await read(request)) as T
    if (pathname.startsWith('/requests/')) return json(response, requests.get(pathname.slice('/requests'.length)) ?? 0)
    if (request.method === 'PUT') {
      if (pathname.startsWith('/clients/'))
        clients.set(decodeURIComponent(pathname.slice('/clients/'.length)), await put<RegisteredClient>())
      else if (pathname === '/configuration') changes = await put()
      else if (pathname === '/answers') answers = await put()
      response.writeHead(204).end()
      return
    }
    requests.set(pathname, (requests.get(pathname) ?? 0) + 1)
    switch (answers[pathname]) {
      case 'redirect':
        response.writeHead(302, { Location: `${issuer}/elsewhere` }).end()
        return
      case 'large':
        return json(response, { keys: [], padding: 'x'.repeat(10 * 1024 * 1024) })
      case 'stall':
        return
      case 'broken':
        response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"issuer":')
        return
      case 'html':
        response.writeHead(200, { 'Content-Type': 'text/html' }).end('<h1>Sign in</h1>')
        return
      case 'error':
        return json(response, { error: 'server_error' }, 500)
    }
    switch (pathname) {
      case '/.well-known/openid-configuration':
        return json(response, withoutNull({ ...configuration(issuer), ...changes }))
      case '/jwks':
        return json(response, { keys: [{ ...(await exportJWK((await own()).publicKey)), kid: kid(), alg: 'RS256', use: 'sig' }] })
      case '/rotate':
        generation += 1
        own = once(() => generateKeyPair('RS256', { extractable: true }))
        response.writeHead(204).end()
        return
      case '/sign': {
        const { claims, header, key } = await put<{ claims: JWTPayload; header?: Record<string, unknown>; key?: KeyName }>()
        return json(response, { jwt: await sign(claims, header, key) })
      }
      case '/authorize': {
        const clientId = query.get('client_id') ?? ''
        const redirectUri = query.get('redirect_uri') ?? ''
        if (!clients.get(clientId)?.redirect_uris.includes(redirectUri))
          return json(response, { error: 'unknown client or redirect_uri' }, 400)
        const signIn = JSON.parse(query.get('sign-in') ?? '{}') as ProviderSignIn
        const code = randomUUID()
        codes.set(code, { clientId, redirectUri, nonce: query.get('nonce'), challenge: query.get('code_challenge'), signIn })
        const back = new URL(redirectUri)
        const answered = { code, state: query.get('state') ?? '', iss: issuer, ...signIn.answer }
        for (const [name, value] of Object.entries(answered)) if (value !== null) back.searchParams.set(name, value)
        response.writeHead(302, { Location: back.href }).end()
        return
      }
      case '/token': {
        const form = new URLSearchParams(await read(request))
        const id = authenticated(form, request)
        const exchange = form.get('grant_type')?.endsWith(':token-exchange') ? exchangeToken : exchangeCode
        const { status, body } = id === undefined ? { status: 401, body: { error: 'invalid_client' } } : await exchange(id, form)
        return json(response, body, status, { 'Cache-Control': 'no-store' })
      }
      case '/userinfo': {
        const claims = accessTokens.get(request.headers.authorization?.replace(/^Bearer /i, '') ?? '')
        return claims ? json(response, claims) : json(response, { error: 'invalid_token' }, 401)
      }
      default:
        return json(response, { error: 'not found' }, 404)
    }
  }
}

function withoutNull(claims: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== null))
}

/**
 * Creates a value on first use, because key generation is slow and most providers are never used.
 */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}

function configuration(issuer: string) {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    userinfo_endpoint: `${issuer}/userinfo`,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    scopes_supported: ['openid', 'email', 'profile'],
    grant_types_supported: ['authorization_code', 'urn:ietf:params:oauth:grant-type:token-exchange'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
    identity_chaining_requested_token_types_supported: [ID_JAG],
    claims_supported: ['sub', 'email', 'email_verified', 'name'],
  }
}

function credentials(form: URLSearchParams, request: IncomingMessage): { id: string; secret: string } {
  const basic = /^Basic (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (basic === undefined) return { id: form.get('client_id') ?? '', secret: form.get('client_secret') ?? '' }
  const [id = '', secret = ''] = Buffer.from(basic, 'base64')
    .toString('utf8')
    .split(/:(.*)/s)
    .map((part) => decodeURIComponent(part.replaceAll('+', ' ')))
  return { id, secret }
}
