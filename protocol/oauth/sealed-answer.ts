/**
 * Seals a token response for the client's retry. Only the refresh token opens the response: the key
 * is derived from the token, and the row holds the token's hash.
 */
export async function sealAnswer(refreshToken: string, answer: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(12))
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, await keyOf(refreshToken), new TextEncoder().encode(answer))
  return `${encode(iv)}.${encode(new Uint8Array(sealed))}`
}

/** Throws if the token is not the token used to seal. */
export async function openAnswer(refreshToken: string, envelope: string): Promise<string> {
  const [iv = '', sealed = ''] = envelope.split('.')
  const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: decode(iv) }, await keyOf(refreshToken), decode(sealed))
  return new TextDecoder().decode(plain)
}

async function keyOf(refreshToken: string): Promise<CryptoKey> {
  const secret = await crypto.subtle.importKey('raw', new TextEncoder().encode(refreshToken), 'HKDF', false, ['deriveKey'])
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: new TextEncoder().encode('wharf refresh answer') }
  return crypto.subtle.deriveKey(parameters, secret, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt'])
}

const encode = (bytes: Uint8Array) => bytes.toBase64({ alphabet: 'base64url', omitPadding: true })
const decode = (text: string) => Uint8Array.fromBase64(text, { alphabet: 'base64url' })
