import { type DocumentForm, newDocument } from './form.ts'

const TYPES: Record<string, string> = {
  md: 'text/markdown',
  markdown: 'text/markdown',
  txt: 'text/plain',
  json: 'application/json',
  yaml: 'application/yaml',
  yml: 'application/yaml',
}

/** Reads a file as text if the bytes are UTF-8, or else as Base64. */
export async function readContent(file: File): Promise<Pick<DocumentForm, 'mimeType' | 'text' | 'blob'>> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  const text = decode(bytes)
  const ending = /\.([a-z]+)$/i.exec(file.name)?.[1]?.toLowerCase() ?? ''
  const mimeType = TYPES[ending] ?? (file.type || (text === undefined ? 'application/octet-stream' : 'text/plain'))
  return text === undefined ? { mimeType, text: '', blob: toBase64(bytes) } : { mimeType, text, blob: undefined }
}

/** Creates a document from a file. The scheme of the URI is the slug of the hosted server. */
export async function readDocument(file: File, server: string): Promise<DocumentForm> {
  const name = file.name.replace(/\.[a-z]+$/i, '') || file.name
  return { ...newDocument(), name, uri: uriOf(file.name, server), ...(await readContent(file)) }
}

function uriOf(name: string, server: string): string {
  // a scheme begins with a letter (RFC 3986 §3.1)
  return `${/^[a-z]/.test(server) ? server : 'docs'}://${encodeURIComponent(name)}`
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}

const CHUNK = 0x8000

function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (let from = 0; from < bytes.length; from += CHUNK) binary += String.fromCharCode(...bytes.subarray(from, from + CHUNK))
  return btoa(binary)
}
