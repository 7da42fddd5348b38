import { createHash, randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose'
import { json, read } from './document-host.ts'
import type { Respond } from './loopback-hosts.ts'

/** What a test made of a client here: `PUT /clients/{client id}`. Its sign-ins are this person's, without a page. */
interface RegisteredHere {
  client_secret: string
  redirect_uris: string[]
  /** Of the ID token and of userinfo, over `sub` and `email`. */
  claims: JWTPayload
}

interface Code {
  clientId: string
  redirectUri: string
  nonce: string | null
  challenge: string | null
}

/**
 * An OpenID provider (Core 1.0, Discovery 1.0): authorization code with PKCE, client_secret_basic and client_secret_post, RS256. `POST /sign` with
 * `{ header, claims, key? }` signs anything, with its own key or (`key: "other"`) one it does not publish: for assertions, honest and not.
 */
export async function openIdProvider(issuer: string): Promise<Respond> {
  const own = await generateKeyPair('RS256', { extractable: true })
  const other = await generateKeyPair('RS256')
  const kid = `key-of-${new URL(issuer).hostname}`
  const keys = [{ ...(await exportJWK(own.publicKey)), kid, alg: 'RS256', use: 'sig' }]
  const clients = new Map<string, RegisteredHere>()
  const codes = new Map<string, Code>()
  const accessTokens = new Map<string, JWTPayload>()

  const sign = (claims: JWTPayload, header: Record<string, unknown> = {}, key: 'own' | 'other' = 'own') =>
    new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid, ...header }).sign(key === 'own' ? own.privateKey : other.privateKey)

  const claimsOf = (clientId: string): JWTPayload => ({
    sub: 'person-1',
    email: 'person@idp.example',
    email_verified: true,
    name: 'Person One',
    ...clients.get(clientId)?.claims,
  })

  const exchange = async (form: URLSearchParams, request: IncomingMessage) => {
    const { id, secret } = credentials(form, request)
    const client = clients.get(id)
    if (!client || client.client_secret !== secret) return { status: 401, body: { error: 'invalid_client' } }
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
    const claims = claimsOf(id)
    const accessToken = randomUUID()
    accessTokens.set(accessToken, claims)
    const nonce = code.nonce === null ? {} : { nonce: code.nonce }
    const idToken = await sign({ iss: issuer, aud: id, iat: now, exp: now + 300, ...nonce, ...claims })
    return {
      status: 200,
      body: { access_token: accessToken, token_type: 'Bearer', expires_in: 300, scope: 'openid email', id_token: idToken },
    }
  }

  return async (request, response) => {
    const url = new URL(request.url ?? '/', issuer)
    const { pathname, searchParams: query } = url
    if (pathname === '/.well-known/openid-configuration') return json(response, configuration(issuer))
    if (pathname === '/jwks') return json(response, { keys })
    if (pathname === '/sign') {
      const { claims, header, key } = JSON.parse(await read(request)) as {
        claims: JWTPayload
        header?: Record<string, unknown>
        key?: 'own' | 'other'
      }
      return json(response, { jwt: await sign(claims, header, key) })
    }
    if (request.method === 'PUT' && pathname.startsWith('/clients/')) {
      clients.set(decodeURIComponent(pathname.slice('/clients/'.length)), JSON.parse(await read(request)) as RegisteredHere)
      response.writeHead(204).end()
      return
    }
    if (pathname === '/authorize') {
      const clientId = query.get('client_id') ?? ''
      const redirectUri = query.get('redirect_uri') ?? ''
      if (!clients.get(clientId)?.redirect_uris.includes(redirectUri))
        return json(response, { error: 'unknown client or redirect_uri' }, 400)
      const code = randomUUID()
      codes.set(code, { clientId, redirectUri, nonce: query.get('nonce'), challenge: query.get('code_challenge') })
      const back = new URL(redirectUri)
      for (const [name, value] of Object.entries({ code, state: query.get('state') ?? '', iss: issuer })) back.searchParams.set(name, value)
      response.writeHead(302, { Location: back.href }).end()
      return
    }
    if (pathname === '/token' && request.method === 'POST') {
      const { status, body } = await exchange(new URLSearchParams(await read(request)), request)
      return json(response, body, status, { 'Cache-Control': 'no-store' })
    }
    if (pathname === '/userinfo') {
      const claims = accessTokens.get(request.headers.authorization?.replace(/^Bearer /i, '') ?? '')
      return claims ? json(response, claims) : json(response, { error: 'invalid_token' }, 401)
    }
    return json(response, { error: 'not found' }, 404)
  }
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
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
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
