import type { Sources } from '../../../../protocol/api.ts'
import type { Origin } from '../deploy/draft-state.tsx'
import { Draft, type DraftStatus, readSaved } from '../../forms/draft.ts'

interface Content {
  origin: Origin
  main: string
  files: Readonly<Record<string, string>>
}

/** State of the edited sources at a given time. */
export type Snapshot = Content & DraftStatus

/** Edited sources of one hosted server. */
export class Project extends Draft<Content> {
  constructor(key: string, begin: Content, draft?: Content & { keptAt: number }) {
    const { origin, main, files } = draft ?? begin
    super(key, { origin, main, files }, draft?.keptAt)
  }

  write(file: string, text: string): void {
    const { files } = this.snapshot()
    if (files[file] !== text) this.edit({ files: { ...files, [file]: text } })
  }

  remove(removed: string): void {
    const { main, files: before } = this.snapshot()
    const { [removed]: _, ...files } = before
    const names = Object.keys(files)
    this.edit({ files, main: main === removed ? (names.find(isCode) ?? names[0] ?? '') : main })
  }

  /** Renames a file and keeps the order of the files. */
  rename(file: string, to: string): void {
    const { main, files } = this.snapshot()
    const renamed = Object.fromEntries(Object.entries(files).map(([name, text]) => [name === file ? to : name, text]))
    this.edit({ files: renamed, main: main === file ? to : main })
  }

  chooseMain(file: string): void {
    this.edit({ main: file })
  }

  add(added: Readonly<Record<string, string>>): void {
    const { main, files } = this.snapshot()
    this.edit({ files: { ...files, ...added }, main: main || (Object.keys(added).find(isCode) ?? '') })
  }

  /** Makes the new version the origin. Changes made during the deploy remain as a draft. */
  markDeployed(version: number, deployed: Snapshot): void {
    const { files, main } = this.snapshot()
    this.rebase({ origin: { version } }, files !== deployed.files || main !== deployed.main)
  }
}

/** localStorage key of a draft: one per user, tenant and hosted server. */
export function draftKey(userId: string, tenant: string, server: string): string {
  return `wharf.draft.${userId}/${tenant}/${server}`
}

export function readDraft(key: string): (Content & { keptAt: number }) | undefined {
  return readSaved<Content>(key, ({ main, files }) => typeof main === 'string' && typeof files === 'object')
}

export function isCode(file: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(file)
}

/**
 * Returns the error of a file name as a predicate, such as "is missing", or undefined. The platform
 * validates names again on deploy.
 */
export function fileNameFault(name: string, others: Readonly<Record<string, string>>): string | undefined {
  if (name === '') return 'is missing'
  if (!/^(?:[A-Za-z0-9_@+-][A-Za-z0-9_@+.-]*\/)*[A-Za-z0-9_@+-][A-Za-z0-9_@+.-]*$/.test(name)) {
    return 'must be a path such as lib/tool.ts with letters, digits and _ @ + . -'
  }
  if (!/\.(?:m?[jt]s|[jt]sx|json|txt|html|md)$/.test(name)) return 'must end in .ts, .js, .json, .txt, .html or .md'
  const twin = Object.keys(others).find((other) => other.toLowerCase() === name.toLowerCase())
  return twin === undefined ? undefined : `is taken by ${twin === name ? 'another file' : twin}`
}

export const EMPTY: Sources = {
  main: 'server.ts',
  files: {
    'server.ts': `import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'

function build(): McpServer {
  const server = new McpServer({ name: 'my-server', version: '1.0.0' })

  server.registerTool(
    'add',
    {
      title: 'Add',
      description: 'Adds two numbers.',
      inputSchema: z.object({ a: z.number(), b: z.number() }),
      annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
    },
    ({ a, b }) => ({ content: [{ type: 'text', text: String(a + b) }] }),
  )

  return server
}

const handler = createMcpHandler(build, { onerror: console.error })

export default { fetch: (request: Request): Promise<Response> => handler.fetch(request) }
`,
  },
}
