/**
 * Seals secrets for storage with AES-256-GCM. Each secret has a random key, wrapped by VAULT_KEY.
 * An envelope is `v1.{key id}.{wrapped key}.{ciphertext}`. The last two parts are base64url of a
 * 12-byte nonce and the ciphertext.
 */

import type { HostedServer } from '../store/servers/servers.ts'

/** Owner of an envelope. The envelope does not open for another tenant, hosted server or name. */
export interface SealedFor {
  /** Null if the secret belongs to a user. */
  tenantId: string | null
  /** Null if the secret belongs to the tenant and to no hosted server. */
  serverId: string | null
  name: string
}

const NONCE_BYTES = 12

/** Seals with the first key of VAULT_KEY. */
export async function seal(env: Pick<Env, 'VAULT_KEY'>, owner: SealedFor, plaintext: string): Promise<string> {
  const keys = await wrappingKeys(env.VAULT_KEY)
  const [keyId, wrappingKey] = [...keys][0] ?? fail('VAULT_KEY has no key')
  const dataKey = crypto.getRandomValues(new Uint8Array(32))
  const wrapped = await encrypt(wrappingKey, dataKey, associatedData('key', keyId, owner))
  const sealed = await encrypt(await importKey(dataKey), new TextEncoder().encode(plaintext), associatedData('value', keyId, owner))
  return ['v1', keyId, toBase64Url(wrapped), toBase64Url(sealed)].join('.')
}

/** Throws if the envelope was altered, belongs to another owner, or VAULT_KEY lacks the key. */
export async function open(env: Pick<Env, 'VAULT_KEY'>, owner: SealedFor, envelope: string): Promise<string> {
  const [form, keyId, wrapped, sealed] = envelope.split('.')
  if (form !== 'v1' || keyId === undefined || wrapped === undefined || sealed === undefined)
    throw new Error('the text is not a vault envelope')
  const keys = await wrappingKeys(env.VAULT_KEY)
  const wrappingKey = keys.get(keyId) ?? fail(`VAULT_KEY has no key "${keyId}", which sealed this secret`)
  const dataKey = await decrypt(wrappingKey, fromBase64Url(wrapped), associatedData('key', keyId, owner))
  const plaintext = await decrypt(await importKey(dataKey), fromBase64Url(sealed), associatedData('value', keyId, owner))
  return new TextDecoder().decode(plaintext)
}

/** Returns the ids of the keys of VAULT_KEY. The first key seals. */
export async function sealingKeys(env: Pick<Env, 'VAULT_KEY'>): Promise<string[]> {
  return [...(await wrappingKeys(env.VAULT_KEY)).keys()]
}

/** Environment values of a hosted server, as the code finds the values in `env`. */
export type Environment = Record<string, string>

/** Returns the owner of the envelope with the environment of a hosted server. */
export function ofEnvironment(key: HostedServer['key']): SealedFor {
  return { ...key, name: 'environment' }
}

/** Seals all values in a single envelope, so a change replaces all values at once. */
export function sealEnvironment(env: Pick<Env, 'VAULT_KEY'>, server: Pick<HostedServer, 'key'>, environment: Environment): Promise<string> {
  return seal(env, ofEnvironment(server.key), JSON.stringify(environment))
}

export async function openEnvironment(
  env: Pick<Env, 'VAULT_KEY'>,
  server: Pick<HostedServer, 'key' | 'environment'>,
): Promise<Environment> {
  if (server.environment === null) return {}
  return JSON.parse(await open(env, ofEnvironment(server.key), server.environment)) as Environment
}

let imported: { setting: string; keys: Promise<Map<string, CryptoKey>> } | undefined

/** Imports the keys once per isolate, because the setting changes only with a deployment. */
function wrappingKeys(setting: string): Promise<Map<string, CryptoKey>> {
  if (imported?.setting !== setting) imported = { setting, keys: parseVaultKey(setting) }
  return imported.keys
}

async function parseVaultKey(setting: string): Promise<Map<string, CryptoKey>> {
  const keys = new Map<string, CryptoKey>()
  for (const part of setting.split(',')) {
    const [keyId, encoded] = part.trim().split(':')
    const bytes = encoded === undefined ? undefined : fromBase64Url(encoded)
    if (!keyId || keyId.includes('.') || bytes?.byteLength !== 32) {
      throw new Error('VAULT_KEY must be "{key id}:{32 bytes, base64url}", or several such keys separated by commas')
    }
    keys.set(keyId, await importKey(bytes))
  }
  return keys
}

function associatedData(part: 'key' | 'value', keyId: string, { tenantId, serverId, name }: SealedFor): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(['wharf', part, keyId, tenantId, serverId, name]))
}

function importKey(bytes: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt'])
}

async function encrypt(key: CryptoKey, plaintext: Uint8Array, additionalData: Uint8Array): Promise<Uint8Array> {
  const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES))
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, plaintext)
  const joined = new Uint8Array(NONCE_BYTES + sealed.byteLength)
  joined.set(iv)
  joined.set(new Uint8Array(sealed), NONCE_BYTES)
  return joined
}

async function decrypt(key: CryptoKey, joined: Uint8Array, additionalData: Uint8Array): Promise<Uint8Array> {
  const iv = joined.subarray(0, NONCE_BYTES)
  return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, key, joined.subarray(NONCE_BYTES)))
}

function toBase64Url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: 'base64url', omitPadding: true })
}

function fromBase64Url(text: string): Uint8Array {
  return Uint8Array.fromBase64(text, { alphabet: 'base64url' })
}

function fail(message: string): never {
  throw new Error(message)
}
