import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { expect, inject, it } from 'vitest'
import { add, approve, authorizationUrl, discover, serverThatAdds, type Discovered } from '../support/app.ts'
import { VERIFIER } from '../support/oauth.ts'
import { fetchPlatform } from '../support/platform.ts'
import { DOCUMENTED_APPS } from './client-fixtures.ts'

const hosts = inject('loopbackHosts')

/** Serves `body` at a URL of the document host. */
async function publish(url: string, body: unknown): Promise<void> {
  const { origin, pathname } = new URL(url)
  const put = await fetch(`${hosts[origin]}${pathname}`, { method: 'PUT', body: JSON.stringify(body) })
  expect(put.status).toBe(204)
}

/** Publishes a key and returns a signer of client assertions, one per request (RFC 7523 §2.2). */
async function keyHolder(clientId: string, jwksUri: string): Promise<(known: Discovered) => Promise<Record<string, string>>> {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const kid = 'cimd-20260428030119'
  await publish(jwksUri, { keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' }] })
  return async ({ tokenEndpoint }) => ({
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await new SignJWT({ jti: crypto.randomUUID() })
      .setProtectedHeader({ alg: 'RS256', kid })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(tokenEndpoint)
      .setIssuedAt()
      .setExpirationTime('5 minutes')
      .sign(privateKey),
  })
}

it.each(DOCUMENTED_APPS)(
  '$app gets tokens and calls a tool with its client document and without registration',
  async ({ document, redirectUri }) => {
    const clientId = document.client_id
    await publish(clientId, document)
    const jwksUri = document['jwks_uri']
    const authenticate = typeof jwksUri === 'string' ? await keyHolder(clientId, jwksUri) : () => Promise.resolve({})
    const server = await serverThatAdds()
    const known = await discover(server)
    expect(known.documentsSupported).toBe(true)
    expect(known.authMethodsSupported).toContain(document['token_endpoint_auth_method'])

    const state = 'a state'
    const { page, back } = await approve(
      server,
      authorizationUrl(known, {
        client_id: clientId,
        redirect_uri: redirectUri,
        state,
        scope: known.challengeScopes.join(' '),
        resource: known.resource,
      }),
    )
    expect(page).toContain(new URL(clientId).host)
    expect(back.href.startsWith(redirectUri)).toBe(true)
    expect(Object.fromEntries(back.searchParams)).toEqual({ code: expect.any(String), state, iss: server.urls.issuer })

    const request = async (form: Record<string, string>) =>
      fetchPlatform(known.tokenEndpoint, {
        method: 'POST',
        body: new URLSearchParams({ ...form, client_id: clientId, resource: known.resource, ...(await authenticate(known)) }),
      })
    const answered = await request({
      grant_type: 'authorization_code',
      code: back.searchParams.get('code') ?? '',
      redirect_uri: redirectUri,
      code_verifier: VERIFIER,
    })
    expect(answered.status).toBe(200)
    const tokens = await answered.json<{ access_token: string; refresh_token?: string }>()
    expect(await add(server, tokens.access_token)).toBe('5')

    const grantTypes = document['grant_types'] as string[]
    if (!grantTypes.includes('refresh_token')) return expect(tokens.refresh_token).toBeUndefined()
    const refreshed = await request({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' })
    expect(refreshed.status).toBe(200)
    expect(await add(server, (await refreshed.json<{ access_token: string }>()).access_token)).toBe('5')
  },
)
