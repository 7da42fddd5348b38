import { z } from 'zod'

/**
 * What a hosted server wants to see again at the retry of an `input_required` answer travels through its client, who may change it, keep it or hand it on.
 * So it goes out sealed (AES-GCM), bound to the server, the principal, the method and its params, for a while only and for one use: no tenant can get that
 * wrong.
 */

/** Whose state this is; every part must be the same at the retry. */
export interface StateOwner {
  serverId: string
  principalKey: string
  method: string
  /** Of the request; what belongs to one round (`_meta`, `inputResponses`, `requestState`) does not count. */
  params: Record<string, unknown>
}

const LIFE_MS = 15 * 60_000
const IV_BYTES = 12
const sealed = z.object({ state: z.string(), until: z.number() })

/** Opaque to the client; URL-safe. */
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
  /** The hosted server's own. */
  state: string
  /** Of this sealing alone: what a use of it is remembered by, until it expires. */
  id: string
  expiresAt: Date
}

/** Undefined for what was changed, is another's, is of another request, or is older than 15 minutes. That it was not used before is the caller's to see to. */
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

/** Members in one order, so that a client that writes the same params anew is understood. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return { members: members.map(([name, member]) => [name, canonical(member)]) } // never the same as an array's
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
