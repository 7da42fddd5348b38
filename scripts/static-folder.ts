import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { UploadBody } from '../protocol/api/versions.ts'
import { CliError } from './cli.ts'

const MANIFEST = 'wharf-static.json'

interface Entry {
  mimeType?: string
  file?: string
}

/**
 * Reads a directory's `wharf-static.json`, the manifest of a static version. A resource with `file`
 * gets the content of that file. Returns undefined if the directory has no such manifest.
 */
export async function readStaticFolder(directory: string): Promise<UploadBody | undefined> {
  const text = await readFile(join(directory, MANIFEST), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const manifest = parse(text)
  const resources = await Promise.all((manifest.resources ?? []).map((entry) => withContent(directory, entry)))
  // the platform checks the manifest
  return { manifest: { ...manifest, ...(manifest.resources ? { resources } : {}) } as unknown as UploadBody['manifest'] }
}

function parse(text: string): { resources?: Entry[] } {
  try {
    return JSON.parse(text) as { resources?: Entry[] }
  } catch (cause) {
    throw new CliError(`${MANIFEST} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}

async function withContent(directory: string, { file, ...entry }: Entry): Promise<object> {
  if (file === undefined) return entry
  const path = join(directory, file)
  if (relative(directory, path).startsWith('..')) throw new CliError(`${MANIFEST}: ${file} is outside the directory`)
  const bytes = await readFile(path).catch(() => {
    throw new CliError(`${MANIFEST}: ${file} cannot be read`)
  })
  const isText = /^text\/|[/+](?:json|xml)$/.test(entry.mimeType ?? 'text/plain')
  return { ...entry, ...(isText ? { text: bytes.toString('utf8') } : { blob: bytes.toString('base64') }) }
}
