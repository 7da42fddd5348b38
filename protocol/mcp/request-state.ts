import { z } from 'zod'

/**
 * Seals the `requestState` of a hosted server, because the state travels through the client. A
 * client can change, keep or pass on the state, so the seal (AES-GCM) binds the state to server,
 * principal, method and params. A sealed state is valid once, for 15 minutes.
 */

/** Owner of a state. The retry must come from the same owner with the same params. */
export interface StateOwner {
  serverId: string
  principalKey: string
  method: string
  /**
   * Params of the request. `_meta`, `inputResponses` and `requestState` differ per round and do not
   * count.
   */
  params: Record<string, unknown>
}

const LIFE_MS = 15 * 60_000
const IV_BYTES = 12
const sealed = z.object({ state: z.string(), until: z.number() })

/** Returns a URL-safe text that the client cannot read. */
export async function sealRequestState(secret: string, owner: StateOwner, state: string, now: Date): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
  const plain = new TextEncoder().encode(JSON.stringify({ state, until: now.getTime() + LIFE_MS }))
  const cipher = new Uint8Array(await crypto.subtle.encrypt(await algorithm(iv, owner), await keyOf(secret), plain))
  const envelope = new Uint8Array(iv.length + cipher.length)
  envelope.set(iv)
  envelope.set(cipher, iv.length)
  return envelope.toBase64({ alphabet: 'base64url', omitPadding: true })
}

export interface OpenedState {
  /** State as the hosted server sent it. */
  state: string
  /** Unique per sealed state. The caller stores the id until expiry, to refuse a second use. */
  id: string
  expiresAt: Date
}

/**
 * Returns undefined if the state was changed, is older than 15 minutes, or belongs to another owner
 * or request. The caller checks for a second use.
 */
export async function openRequestState(secret: string, owner: StateOwner, text: string, now: Date): Promise<OpenedState | undefined> {
  try {
    const envelope = Uint8Array.fromBase64(text, { alphabet: 'base64url' })
    const iv = envelope.subarray(0, IV_BYTES)
    const plain = await crypto.subtle.decrypt(await algorithm(iv, owner), await keyOf(secret), envelope.subarray(IV_BYTES))
    const { state, until } = sealed.parse(JSON.parse(new TextDecoder().decode(plain)))
    return now.getTime() < until ? { state, id: iv.toHex(), expiresAt: new Date(until) } : undefined
  } catch {
    return undefined
  }
}

async function algorithm(iv: Uint8Array, { serverId, principalKey, method, params }: StateOwner) {
  const { _meta, inputResponses: _answers, requestState: _state, ...salient } = params
  const bound = JSON.stringify([serverId, principalKey, method, canonical(salient)])
  return { name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(bound) }
}

/** Sorts members by name, because a client may write the same params in another order on retry. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  // distinguishes an object from an array
  return { members: members.map(([name, member]) => [name, canonical(member)]) }
}

const keys = new Map<string, Promise<CryptoKey>>()

function keyOf(secret: string): Promise<CryptoKey> {
  let key = keys.get(secret)
  if (!key) keys.set(secret, (key = importKey(secret)))
  return key
}

async function importKey(secret: string): Promise<CryptoKey> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`request state\0${secret}`))
  return crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt'])
}
