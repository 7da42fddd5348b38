import { openAnswer, sealAnswer } from './sealed-answer.ts'

/** Device authorization (RFC 8628): for an app where nobody can open a browser. Its user approves with another device, by a short code. */

export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

/** How long the two codes are good. */
export const DEVICE_CODE_SECONDS = 600
/** How far apart a device's polls are at first, and what each too early one adds. */
export const POLL_SECONDS = 5

/** §6.1: no vowels, so that no word comes of it, and nothing that reads as something else. 8 of them are 34 bits, for ten minutes and against a limit. */
const ALPHABET = 'BCDFGHJKLMNPQRSTVWXZ'
const LENGTH = 8

export function newUserCode(): string {
  let code = ''
  while (code.length < LENGTH) {
    for (const byte of crypto.getRandomValues(new Uint8Array(16))) {
      // of the values above, some letters would come more often
      if (byte < 240 && code.length < LENGTH) code += ALPHABET[byte % ALPHABET.length]
    }
  }
  return code
}

/** As it is shown and typed. */
export function shownUserCode(code: string): string {
  return `${code.slice(0, LENGTH / 2)}-${code.slice(LENGTH / 2)}`
}

/** From what a person typed: case, spaces and punctuation do not count. Undefined for what can be no code. */
export function parseUserCode(text: string): string | undefined {
  const code = text
    .slice(0, 100)
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]/g, '')
  return code.length === LENGTH && [...code].every((letter) => ALPHABET.includes(letter)) ? code : undefined
}

/** How a user code is kept: under a key, since it is too short for a plain hash to hide. */
export async function hashUserCode(secret: string, code: string): Promise<string> {
  const key = await crypto.subtle.importKey('raw', encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, encode(`wharf user code ${code}`))).toHex()
}

/**
 * The PKCE verifier of the authorization that an approval completes (RFC 7636 §4.1). It comes out of the device code alone, of which only a hash is kept: what
 * is stored cannot be exchanged by who reads it.
 */
export async function deviceVerifier(deviceCode: string): Promise<string> {
  const secret = await crypto.subtle.importKey('raw', encode(deviceCode), 'HKDF', false, ['deriveBits'])
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: encode('wharf device verifier') }
  return base64url(await crypto.subtle.deriveBits(parameters, secret, 256))
}

/** RFC 7636 §4.2, S256. */
export async function challengeOfVerifier(verifier: string): Promise<string> {
  return base64url(await crypto.subtle.digest('SHA-256', encode(verifier)))
}

/**
 * The authorization code of an approval, until the device comes for it. Worth nothing without the verifier, and not in plain text all the same: the key is ours,
 * since who approves does not have the device code.
 */
export function sealDeviceGrant(secret: string, deviceCodeHash: string, code: string): Promise<string> {
  return sealAnswer(`${secret} ${deviceCodeHash}`, code)
}

export function openDeviceGrant(secret: string, deviceCodeHash: string, envelope: string): Promise<string> {
  return openAnswer(`${secret} ${deviceCodeHash}`, envelope)
}

const encode = (text: string) => new TextEncoder().encode(text)
const base64url = (bytes: ArrayBuffer) => new Uint8Array(bytes).toBase64({ alphabet: 'base64url', omitPadding: true })
