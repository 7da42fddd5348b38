import { ErrorCode, McpError } from './errors.ts'
import type { JsonRpcId } from './json-rpc.ts'

/**
 * Session ids of revisions with sessions: 16 random bytes and a MAC over tenant, server and
 * principal, in base64url. A forged id, or an id of another principal or server, is refused before
 * a Durable Object starts.
 */

export interface SessionOwner {
  tenantId: string
  serverId: string
  principalKey: string
}

const RANDOM_BYTES = 16
const MAC_BYTES = 16
const LENGTH = Math.ceil(((RANDOM_BYTES + MAC_BYTES) * 4) / 3)

export async function mintSessionId(secret: string, owner: SessionOwner): Promise<string> {
  const random = crypto.getRandomValues(new Uint8Array(RANDOM_BYTES))
  const id = new Uint8Array(RANDOM_BYTES + MAC_BYTES)
  id.set(random)
  id.set(await macOf(secret, owner, random), RANDOM_BYTES)
  return id.toBase64({ alphabet: 'base64url', omitPadding: true })
}

/**
 * Returns true for visible ASCII without commas. Other text makes the request malformed (400). An
 * unknown id in this syntax gets 404, as an ended session does.
 */
export function isSessionIdSyntax(text: string): boolean {
  return /^[\x21-\x2b\x2d-\x7e]{1,200}$/.test(text)
}

export async function isSessionIdOf(secret: string, owner: SessionOwner, text: string): Promise<boolean> {
  if (text.length !== LENGTH || !/^[\w-]+$/.test(text)) return false
  const id = Uint8Array.fromBase64(text, { alphabet: 'base64url' })
  const expected = await macOf(secret, owner, id.subarray(0, RANDOM_BYTES))
  return crypto.subtle.timingSafeEqual(expected, id.subarray(RANDOM_BYTES))
}

const keys = new Map<string, Promise<CryptoKey>>()

async function macOf(secret: string, { tenantId, serverId, principalKey }: SessionOwner, random: Uint8Array): Promise<Uint8Array> {
  let key = keys.get(secret)
  if (!key) keys.set(secret, (key = importKey(secret)))
  const bound = new TextEncoder().encode(JSON.stringify([random.toHex(), tenantId, serverId, principalKey]))
  return new Uint8Array(await crypto.subtle.sign('HMAC', await key, bound)).subarray(0, MAC_BYTES)
}

function importKey(secret: string): Promise<CryptoKey> {
  const bytes = new TextEncoder().encode(`session id\0${secret}`)
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
}

/** Error for ended sessions, and also for unknown and foreign sessions, which must look alike. */
export function sessionEnded(id?: JsonRpcId): McpError {
  return new McpError(404, ErrorCode.invalidRequest, 'The session has ended. Initialize a new session.', { id })
}
