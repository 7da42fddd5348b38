import { resolve } from 'node:path'
import type { BundleMessage } from '../dashboard/src/features/code/bundler/bundle.ts'
import { placeFindings } from '../dashboard/src/features/deploy/places.ts'
import type { DeployStep, UploadBody } from '../protocol/api/versions.ts'
import type { Finding } from '../protocol/versions/surface.ts'
import { BundleError, bundleDirectory } from './bundle.ts'
import { CliError, main } from './cli.ts'
import { readCommand, STATE_OPTION, stateDirectory } from './options.ts'
import { findRunning } from './state-lock.ts'
import { readStaticFolder } from './static-folder.ts'
import { uploadVersion } from './upload.ts'

const USAGE = `npm run deploy-server -- DIR    deploys a directory as the next version
  --server TENANT/SERVER    hosted server (WHARF_SERVER)
  --origin URL              platform (WHARF_ORIGIN, or the running platform of the state folder)
  --state DIR               state folder of a local platform (WHARF_STATE, .wharf)
  --note TEXT               note of the version
  --no-activate             keeps the active version
  --no-sources              uploads the bundle without its sources
WHARF_TOKEN must hold a personal API token.`

/**
 * Deploys a directory as the next version, and prints each step. The version is a bundle of code
 * or the manifest of a static version. Exits with 1 if the version is refused, for use in CI.
 */
await main(async () => {
  const { directory, origin, tenant, server, token, note, activate, withSources } = await readArguments()
  const { upload, places } = (await prepareStatic(directory)) ?? (await prepareCode(directory, withSources))
  const body = { ...upload, manifest: { ...upload.manifest, ...(note === undefined ? {} : { note }) }, activate }
  const version = await uploadVersion({ origin, tenant, server, token }, body, (step) => {
    if (step.step === 'probed') printFindings(step.findings, places)
    else printStep(step)
  })
  if (version.state === 'refused') {
    throw new CliError(`Version ${version.number} was refused and is not active. Fix the errors listed above, then deploy again.`)
  }
  printRow(version.active ? 'active' : 'ready', `${origin}/${tenant}/${server}/mcp${version.active ? '' : `/versions/${version.number}`}`)
})

/** Locates findings in the sources. */
type Places = Parameters<typeof placeFindings>[1]

interface Prepared {
  upload: UploadBody
  places: Places
}

/** Returns undefined if the directory has no manifest of a static version. */
async function prepareStatic(directory: string): Promise<Prepared | undefined> {
  const upload = await readStaticFolder(directory)
  return upload && { upload, places: { files: {}, map: undefined, module: '' } }
}

async function prepareCode(directory: string, withSources: boolean): Promise<Prepared> {
  const { upload, map, warnings } = await bundleDirectory(directory).catch((error: unknown) => {
    if (!(error instanceof BundleError)) throw error
    error.messages.forEach(printMessage)
    throw new CliError('Bundling failed. Nothing was uploaded.')
  })
  warnings.forEach(printMessage)
  const { sources, ...runs } = upload
  printRow('bundled', `${Object.keys(sources?.files ?? {}).join(', ') || directory}: ${kilobytes(upload.modules)}`)
  return {
    upload: { ...runs, ...(sources && withSources ? { sources } : {}) },
    places: { files: sources?.files ?? {}, map, module: upload.manifest.mainModule },
  }
}

async function readArguments() {
  const { values, args } = readCommand({
    usage: USAGE,
    options: {
      ...STATE_OPTION,
      origin: { type: 'string' },
      server: { type: 'string' },
      note: { type: 'string' },
      'no-activate': { type: 'boolean' },
      'no-sources': { type: 'boolean' },
    },
    args: ['DIR'],
  })
  const [directory = ''] = args
  const running = async () => (await findRunning(stateDirectory(values.state)))?.origin ?? 'http://localhost:8787'
  const origin = (values.origin ?? process.env['WHARF_ORIGIN'] ?? (await running())).replace(/\/$/, '')
  if (!isOrigin(origin)) throw new CliError(`--origin must be an https origin such as https://mcp.example.com, not "${origin}".`)
  const path = values.server ?? process.env['WHARF_SERVER'] ?? ''
  const [, tenant, server] = /^([a-z0-9-]+)\/([a-z0-9-]+)$/.exec(path) ?? []
  if (tenant === undefined || server === undefined)
    throw new CliError(`Hosted server missing or invalid. Set --server TENANT/SERVER.\n\n${USAGE}`)
  const token = process.env['WHARF_TOKEN'] ?? ''
  if (!/^wharf_pat_[\w-]+$/.test(token)) {
    throw new CliError(
      'WHARF_TOKEN must hold a personal API token (wharf_pat_…) with the role developer in the tenant. Create a token on your account page.',
    )
  }
  return {
    // npm runs scripts in the project's folder, and sets INIT_CWD to the calling folder
    directory: resolve(process.env['INIT_CWD'] ?? '.', directory),
    origin,
    tenant,
    server,
    token,
    note: values.note,
    activate: !values['no-activate'],
    withSources: !values['no-sources'],
  }
}

/** Requires https, except on loopback, because the request carries a token. */
function isOrigin(value: string): boolean {
  if (!URL.canParse(value)) return false
  const { origin, protocol, hostname } = new URL(value)
  return origin === value && (protocol === 'https:' || (protocol === 'http:' && /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(hostname)))
}

function printStep(step: Exclude<DeployStep, { step: 'probed' }>): void {
  if (step.step === 'stored') printRow('uploaded', step.bundleHash.slice(0, 12))
  else if (step.step === 'asking') printRow('probed', step.subject)
  else if (step.step === 'version') printRow('version', `${step.number}, ${step.state}`)
}

function printFindings(findings: readonly Finding[], places: Places): void {
  for (const { severity, subject, message, rule, place } of placeFindings(findings, places)) {
    printRow(severity, `${place ? `${place.file}:${place.line}:${place.column}: ` : ''}${subject}: ${message} (${rule})`)
  }
}

function printMessage({ severity, text, hint, place }: BundleMessage): void {
  printRow(severity, `${place ? `${place.file}:${place.line}:${place.column}: ` : ''}${text}${hint === undefined ? '' : `. ${hint}`}`)
}

function printRow(label: string, text: string): void {
  console.log(`${label.padEnd(9)} ${text.replaceAll('\n', '\n          ')}`)
}

function kilobytes(modules: Record<string, string>): string {
  const bytes = Object.values(modules).reduce((sum, text) => sum + Buffer.byteLength(text), 0)
  return `${Math.ceil(bytes / 1024)} KB`
}
