import { openAnswer, sealAnswer } from './sealed-answer.ts'

/**
 * Device authorization (RFC 8628), for apps without a browser. The user approves on a second device
 * with a short code.
 */

export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

/** Lifetime of the device code and the user code. */
export const DEVICE_CODE_SECONDS = 600
/** Initial polling interval, and the increase for each early poll. */
export const POLL_SECONDS = 5

/**
 * Letters without vowels, so that no words form (§6.1), and without look-alikes. Eight letters have
 * 34 bits, which suffices for ten minutes behind a rate limit.
 */
const ALPHABET = 'BCDFGHJKLMNPQRSTVWXZ'
const LENGTH = 8

export function newUserCode(): string {
  let code = ''
  while (code.length < LENGTH) {
    for (const byte of crypto.getRandomValues(new Uint8Array(16))) {
      // larger values would make some letters more frequent
      if (byte < 240 && code.length < LENGTH) code += ALPHABET[byte % ALPHABET.length]
    }
  }
  return code
}

/** Returns a user code in its displayed form. */
export function shownUserCode(code: string): string {
  return `${code.slice(0, LENGTH / 2)}-${code.slice(LENGTH / 2)}`
}

/**
 * Parses typed text, ignoring case, spaces and punctuation. Returns undefined if the text cannot be
 * a code.
 */
export function parseUserCode(text: string): string | undefined {
  const code = text
    .slice(0, 100)
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]/g, '')
  return code.length === LENGTH && [...code].every((letter) => ALPHABET.includes(letter)) ? code : undefined
}

/**
 * Returns the stored form of a user code: a keyed hash, because a plain hash of so short a code can
 * be reversed.
 */
export async function hashUserCode(secret: string, code: string): Promise<string> {
  const key = await crypto.subtle.importKey('raw', encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, encode(`wharf user code ${code}`))).toHex()
}

/**
 * Derives the PKCE verifier of an approved authorization (RFC 7636 §4.1) from the device code. Only
 * a hash of the device code is stored, so stored rows cannot be exchanged for tokens.
 */
export async function deviceVerifier(deviceCode: string): Promise<string> {
  const secret = await crypto.subtle.importKey('raw', encode(deviceCode), 'HKDF', false, ['deriveBits'])
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: encode('wharf device verifier') }
  return base64url(await crypto.subtle.deriveBits(parameters, secret, 256))
}

/** Returns the S256 code challenge (RFC 7636 §4.2). */
export async function challengeOfVerifier(verifier: string): Promise<string> {
  return base64url(await crypto.subtle.digest('SHA-256', encode(verifier)))
}

/**
 * Seals the authorization code of an approval until the device's next poll. The code is useless
 * without the verifier. The key is the platform's, because the approving user does not have the
 * device code.
 */
export function sealDeviceGrant(secret: string, deviceCodeHash: string, code: string): Promise<string> {
  return sealAnswer(`${secret} ${deviceCodeHash}`, code)
}

export function openDeviceGrant(secret: string, deviceCodeHash: string, envelope: string): Promise<string> {
  return openAnswer(`${secret} ${deviceCodeHash}`, envelope)
}

const encode = (text: string) => new TextEncoder().encode(text)
const base64url = (bytes: ArrayBuffer) => new Uint8Array(bytes).toBase64({ alphabet: 'base64url', omitPadding: true })
