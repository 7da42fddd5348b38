import { z } from 'zod'
import { minimalValue } from '../../protocol/versions/json-schema.ts'
import type { JsonRpcError } from '../../protocol/mcp/json-rpc.ts'
import { isResponse } from '../../protocol/mcp/json-rpc.ts'
import { paramHeadersOf } from '../../protocol/mcp/param-headers.ts'
import type { GrantedPrincipal } from '../../protocol/principal.ts'
import { checkSurface } from '../../protocol/versions/surface-check.ts'
import type { Finding, Surface, ToolDefinition } from '../../protocol/versions/surface.ts'
import type { HostedServer, VersionReference } from '../../store/servers/servers.ts'
import { inert } from '../activity/record.ts'
import { codeSource } from '../sources/code/source.ts'
import { startFailure } from '../sources/code/start-failure.ts'
import type { Answer, Call, HostingContext } from '../sources/source.ts'
import { isRecord } from '../../protocol/record.ts'

const REVISION = '2026-07-28'
/** For each question the probe asks; for the one call of a tool, which may be slow by nature, less, and passing it is no fault. */
const DEADLINE_MS = 10_000
const TRY_MS = 3_000
const MAX_PAGES = 50
const MAX_ENTRIES = { tools: 500, prompts: 500, resources: 2_000, resourceTemplates: 500 }

/** Asks with everything a grant can cover, so that the surface is whole; nobody's grant, client or user. */
const PROBE: GrantedPrincipal = {
  kind: 'granted',
  grantId: 'probe',
  clientId: 'probe',
  userId: undefined,
  scopes: ['mcp:read', 'mcp:write'],
  tools: undefined,
  expiresAt: Number.MAX_SAFE_INTEGER,
}

const discoverResult = z.object({
  supportedVersions: z.array(z.string()),
  capabilities: z.record(z.string(), z.unknown()),
  instructions: z.string().optional(),
  _meta: z
    .object({
      'io.modelcontextprotocol/serverInfo': z
        .looseObject({ name: z.string(), version: z.string(), title: z.string().optional() })
        .optional(),
    })
    .optional(),
})

/** What the code answered, or why it did not. */
type Reply = { result: Record<string, unknown> } | { error: JsonRpcError; detail: string; late: boolean }

/** Asks a version what a client would ask first, before any client may. No error among the findings = it may become active. */
export async function probe(
  server: HostedServer,
  version: VersionReference,
  env: Env,
  ctx: HostingContext,
  onAsk: (subject: string) => void = () => {},
): Promise<{ surface: Surface | null; findings: Finding[] }> {
  const findings: Finding[] = []
  const details: string[] = []
  const source = codeSource(env, ctx, (_, line) => details.push(line.message))

  const ask: Ask = async (method, params, paramHeaders = {}) => {
    details.length = 0
    onAsk(method === 'tools/call' ? `tools/${String(params['name'])}` : method)
    const patience = method === 'tools/call' ? TRY_MS : DEADLINE_MS
    const call: Call = { server, version, principal: PROBE, deadline: Date.now() + patience, signal: AbortSignal.timeout(patience) }
    const reply = await lastOf(await source.answer({ id: 'probe', method, params: { ...params, _meta: META }, paramHeaders }, call))
    if ('result' in reply) return reply
    return { error: reply.error, detail: inert(details.join('\n') || reply.error.message, 2_000), late: call.signal.aborted }
  }

  const discovered = await discover(ask, findings, version)
  if (!discovered) return { surface: null, findings }

  const { capabilities } = discovered
  const list = (method: string, field: keyof typeof MAX_ENTRIES) => readList(ask, method, field, findings)
  const surface: Surface = {
    ...discovered,
    serverInfo: discovered.serverInfo ?? { name: server.server, version: String(version.number) },
    tools: capabilities['tools'] ? ((await list('tools/list', 'tools')) as ToolDefinition[]) : [],
    prompts: capabilities['prompts'] ? await list('prompts/list', 'prompts') : [],
    resources: capabilities['resources'] ? await list('resources/list', 'resources') : [],
    resourceTemplates: capabilities['resources'] ? await list('resources/templates/list', 'resourceTemplates') : [],
  }
  findings.push(...checkSurface(surface))
  if (!findings.some(isError)) findings.push(...(await tryTool(ask, surface.tools)))
  return { surface: findings.some(({ rule }) => rule === 'surface-size') ? null : surface, findings }
}

export function isError({ severity }: Finding): boolean {
  return severity === 'error'
}

/** A client that can do everything, so that no tool holds back. */
const META = {
  'io.modelcontextprotocol/protocolVersion': REVISION,
  'io.modelcontextprotocol/clientInfo': { name: 'wharf-probe', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} },
}

type Ask = (method: string, params: Record<string, unknown>, paramHeaders?: Record<string, string>) => Promise<Reply>
type Discovered = Omit<Surface, 'serverInfo' | 'tools' | 'prompts' | 'resources' | 'resourceTemplates'> & {
  serverInfo?: Surface['serverInfo']
}

async function discover(ask: Ask, findings: Finding[], { mainModule }: VersionReference): Promise<Discovered | undefined> {
  const subject = 'server/discover'
  const reply = await ask(subject, {})
  if ('error' in reply) {
    const message = `it did not answer server/discover of revision ${REVISION}: ${reply.detail}`
    findings.push(startFailure(reply.detail, mainModule) ?? { severity: 'error', rule: 'discover', subject, message })
    return undefined
  }
  const parsed = discoverResult.safeParse(reply.result)
  if (!parsed.success) {
    for (const { path, message } of parsed.error.issues.slice(0, 5)) {
      findings.push({ severity: 'error', rule: 'discover', subject, message: `${path.join('.')}: ${message}` })
    }
    return undefined
  }
  const { supportedVersions, capabilities, instructions, _meta } = parsed.data
  if (!supportedVersions.includes(REVISION)) {
    findings.push({
      severity: 'error',
      rule: 'discover',
      subject,
      message: `it does not support revision ${REVISION}, for which the platform asks`,
    })
  }
  const serverInfo = _meta?.['io.modelcontextprotocol/serverInfo']
  if (!serverInfo)
    findings.push({ severity: 'warning', rule: 'discover', subject, message: 'it does not say its name and version (serverInfo)' })
  checkResult(subject, reply.result, findings)
  return { supportedVersions, capabilities, ...(instructions === undefined ? {} : { instructions }), ...(serverInfo ? { serverInfo } : {}) }
}

/** Every page of a list, as it was sent. */
async function readList(
  ask: Ask,
  method: string,
  field: keyof typeof MAX_ENTRIES,
  findings: Finding[],
): Promise<Record<string, unknown>[]> {
  const entries: Record<string, unknown>[] = []
  const wrong = (rule: string, message: string) => findings.push({ severity: 'error', rule, subject: method, message })
  const seen = new Set<string>()
  let cursor: string | undefined
  for (let page = 0; page < MAX_PAGES; page++) {
    const reply = await ask(method, cursor === undefined ? {} : { cursor })
    if ('error' in reply) {
      wrong('list', `its capabilities promise this list, and it answered: ${reply.detail}`)
      return entries
    }
    const { [field]: listed, nextCursor } = reply.result
    if (!Array.isArray(listed) || !listed.every(isRecord)) {
      wrong('list', `its result has no list of ${field}`)
      return entries
    }
    if (page === 0) checkResult(method, reply.result, findings)
    entries.push(...listed)
    if (entries.length > MAX_ENTRIES[field]) {
      wrong('list', `there are more than ${MAX_ENTRIES[field]} ${field}`)
      return entries.slice(0, MAX_ENTRIES[field])
    }
    if (nextCursor === undefined || nextCursor === null) return entries
    if (typeof nextCursor !== 'string' || seen.has(nextCursor)) {
      wrong('pagination', 'its nextCursor is not a string, or one that was given before: a client would read this list forever')
      return entries
    }
    seen.add(nextCursor)
    cursor = nextCursor
  }
  wrong('pagination', `the list has more than ${MAX_PAGES} pages`)
  return entries
}

/** Required of these results by revision 2026-07-28; the platform supplies what is missing, and cannot know what was meant. */
function checkResult(subject: string, { resultType, ttlMs, cacheScope }: Record<string, unknown>, findings: Finding[]): void {
  const add = (severity: Finding['severity'], message: string) => findings.push({ severity, rule: 'result', subject, message })
  if (resultType === undefined) add('warning', 'its result does not say resultType, which is taken to be "complete"')
  else if (resultType !== 'complete') add('error', 'its result says another resultType than "complete", which a list cannot')
  if (!Number.isSafeInteger(ttlMs) || Number(ttlMs) < 0 || (cacheScope !== 'public' && cacheScope !== 'private')) {
    add('warning', 'its result says no ttlMs and cacheScope, so nobody may cache it')
  }
}

/** One call of a tool that only reads, as a client's first would be: it may fail in its own words, not crash or hang. */
async function tryTool(ask: Ask, tools: readonly ToolDefinition[]): Promise<Finding[]> {
  const candidates = tools
    .filter((tool) => tool.annotations?.readOnlyHint === true)
    .map((tool) => ({ tool, args: minimalValue(tool.inputSchema) }))
    .filter(({ args }) => args !== undefined)
    .toSorted((a, b) => Object.keys(a.args as object).length - Object.keys(b.args as object).length)
  const [first] = candidates
  if (!first) {
    if (tools.length === 0) return []
    const message = 'no tool was tried: none says readOnlyHint and takes arguments its schema makes plain'
    return [{ severity: 'info', rule: 'tool-call', subject: 'tools', message }]
  }
  const { tool, args } = first
  const finding = (severity: Finding['severity'], rule: string, message: string): Finding[] => [
    { severity, rule, subject: `tools/${tool.name}`, message },
  ]
  const reply = await ask('tools/call', { name: tool.name, arguments: args }, paramHeadersOf(tool.inputSchema, args))
  if ('error' in reply) {
    if (reply.late)
      return finding(
        'info',
        'tool-call',
        `called with ${JSON.stringify(args)}, it had not answered after ${TRY_MS / 1000} s and was cancelled`,
      )
    if (reply.error.code === -32602 || reply.error.code === -32021)
      return finding('info', 'tool-call', `called with ${JSON.stringify(args)}, it answered: ${reply.detail}`)
    return finding(
      'error',
      isPush(reply.detail) ? 'push-style-call' : 'tool-call',
      `called with ${JSON.stringify(args)}, it crashed: ${reply.detail}`,
    )
  }
  const text = JSON.stringify(reply.result['content'] ?? '')
  if (isPush(text)) {
    const message =
      'it asks its client in the push style (elicitInput, createMessage, mcpReq.send), which cannot work from a stateless server: return inputRequired({ … }) from the handler instead'
    return finding('error', 'push-style-call', message)
  }
  if (reply.result['isError'] === true)
    return finding('warning', 'tool-call', `called with ${JSON.stringify(args)}, it failed: ${inert(text, 500)}`)
  if (tool.outputSchema && reply.result['resultType'] === 'complete' && reply.result['structuredContent'] === undefined) {
    return finding('error', 'tool-call', 'it has an outputSchema and answered without structuredContent')
  }
  return finding('info', 'tool-call', `called with ${JSON.stringify(args)}, it answered`)
}

/** The SDK's own words, and ours for code that does not use it. */
function isPush(text: string): boolean {
  return /server-to-client requests are not available|which is not possible from a stateless server/i.test(text)
}

async function lastOf(answer: Answer): Promise<{ result: Record<string, unknown> } | { error: JsonRpcError }> {
  if (!('messages' in answer)) return answer
  for await (const message of answer.messages) {
    if (isResponse(message)) return 'result' in message ? { result: message.result } : { error: message.error }
  }
  throw new Error('a stream of a hosted server ended without a response')
}
