import { EncryptJWT, jwtDecrypt } from 'jose'
import type { z } from 'zod'
import type { AppRequest } from '../request.ts'

/**
 * A purpose of sealed cookies: state between two requests of a browser, encrypted so that only the
 * platform can read or write the state.
 */
export interface CookiePurpose<T> {
  /**
   * Part of the cookie name and of the key, so a cookie of one purpose does not open for another.
   */
  name: string
  seconds: number
  contents: z.ZodType<T>
}

/** A cookie holds 4 KB, and the path to continue at may be longer, so the state is split. */
const CHUNK = 3500
const MAX_CHUNKS = 5

/** Returns `Set-Cookie` values. `key` distinguishes cookies of the same purpose. */
export async function sealCookie<T extends Record<string, unknown>>(
  { env }: Pick<AppRequest, 'env'>,
  purpose: CookiePurpose<T>,
  key: string,
  contents: T,
): Promise<string[]> {
  const sealed = await new EncryptJWT({ contents })
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .setExpirationTime(`${purpose.seconds}s`)
    .encrypt(await keyOf(env, purpose.name))
  if (sealed.length > CHUNK * MAX_CHUNKS) throw new Error(`sealed cookie is longer than ${CHUNK * MAX_CHUNKS} characters`)
  const chunks = sealed.match(new RegExp(`.{1,${CHUNK}}`, 'g')) ?? []
  return chunks.map((chunk, index) => setCookie(env, `${nameOf(env, purpose, key)}.${index}`, chunk, purpose.seconds))
}

/** Opens a sealed cookie. Returns undefined if the cookie is missing, expired or forged. */
export async function openCookie<T>(request: AppRequest, purpose: CookiePurpose<T>, key: string): Promise<T | undefined> {
  const { env } = request
  const cookies = cookiesOf(request)
  const chunks = Array.from({ length: MAX_CHUNKS }, (_, index) => cookies.get(`${nameOf(env, purpose, key)}.${index}`) ?? '')
  if (chunks[0] === '') return undefined
  try {
    const { payload } = await jwtDecrypt(chunks.join(''), await keyOf(env, purpose.name), {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
      requiredClaims: ['exp'],
    })
    return purpose.contents.parse(payload['contents'])
  } catch {
    return undefined
  }
}

/** Returns `Set-Cookie` values to delete the cookie. */
export function clearCookie<T>(request: AppRequest, purpose: CookiePurpose<T>, key: string): string[] {
  const { env } = request
  const name = nameOf(env, purpose, key)
  return [...cookiesOf(request).keys()].filter((each) => each.startsWith(`${name}.`)).map((each) => setCookie(env, each, '', 0))
}

function nameOf<T>(env: Env, { name }: CookiePurpose<T>, key: string): string {
  return `${isSecure(env) ? '__Host-' : ''}wharf-${name}${key === '' ? '' : `-${key}`}`
}

function setCookie(env: Env, name: string, value: string, seconds: number): string {
  return `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${isSecure(env) ? '; Secure' : ''}`
}

function isSecure({ PUBLIC_ORIGIN }: Env): boolean {
  return PUBLIC_ORIGIN.startsWith('https:')
}

function cookiesOf({ headers }: AppRequest): Map<string, string> {
  const pairs = (headers.get('Cookie') ?? '').split(';').map((pair) => pair.trim().split(/=(.*)/s))
  return new Map(pairs.map(([name = '', value = '']) => [name, value]))
}

async function keyOf({ AUTH_SECRET }: Env, purpose: string): Promise<Uint8Array> {
  const secret = await crypto.subtle.importKey('raw', new TextEncoder().encode(AUTH_SECRET), 'HKDF', false, ['deriveBits'])
  const info = new TextEncoder().encode(`wharf cookie ${purpose}`)
  return new Uint8Array(await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info }, secret, 256))
}
