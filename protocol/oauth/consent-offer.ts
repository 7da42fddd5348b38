import { writes, type ToolDefinition } from '../versions/surface.ts'
import { covers, type Scope } from './scope.ts'

/** Rights of a grant. `tools: null` allows all tools, tools added later included. */
export interface Rights {
  scopes: Scope[]
  tools: string[] | null
}

/** Returns the tools allowed by both the user's choice and the tenant's limit. */
export function leftTools(tools: string[] | null, limit: string[] | null): string[] | null {
  if (tools === null || limit === null) return tools ?? limit
  const allowed = new Set(limit)
  return tools.filter((name) => allowed.has(name))
}

/** Tool on the consent page. */
export interface OfferedTool {
  tool: ToolDefinition
  /** True unless the tool declares `readOnlyHint`. */
  writes: boolean
  /**
   * True if the requested scopes cover the tool. Uncovered tools stay listed, so that the client
   * can step up.
   */
  covered: boolean
  /** True if an active grant already allows the tool. */
  held: boolean
  /** Initial state of the checkbox. */
  ticked: boolean
}

/** Question of a consent page. */
export interface Offer {
  scopes: Scope[]
  /** Requested scopes that no active grant of the client covers. */
  newScopes: Scope[]
  tools: OfferedTool[]
  /** True if the client already has an active grant here. */
  known: boolean
}

/**
 * Returns the offer. `held` are the rights of the user's active grants to this client, last used
 * first. The first is the grant that steps up, so tools removed from that grant start unticked.
 */
export function offerOf({ scopes, tools }: { scopes: Scope[]; tools: readonly ToolDefinition[] }, held: readonly Rights[]): Offer {
  const heldTools = held.map((rights) => ({ scopes: rights.scopes, tools: rights.tools && new Set(rights.tools) }))
  const narrowed = heldTools[0]?.tools ?? null
  return {
    scopes,
    newScopes: scopes.filter((scope) => !held.some((rights) => covers(rights.scopes, scope))),
    known: held.length > 0,
    tools: tools.map((tool) => ({
      tool,
      writes: writes(tool),
      covered: isCovered(tool, scopes),
      held: heldTools.some((rights) => isCovered(tool, rights.scopes) && (rights.tools?.has(tool.name) ?? true)),
      ticked: narrowed?.has(tool.name) ?? true,
    })),
  }
}

function isCovered(tool: ToolDefinition, scopes: readonly Scope[]): boolean {
  return covers(scopes, writes(tool) ? 'mcp:write' : 'mcp:read')
}

/** Decision on an offer: the chosen tools by position, and whether `mcp:write` is granted. */
export interface Ticks {
  tools: ReadonlySet<number>
  write: boolean
}

/**
 * Returns the granted rights, at most those offered. If all tools are ticked, later tools are
 * included.
 */
export function chosenRights(offer: Offer, ticks: Ticks): Rights {
  const kept = offer.tools.filter(({ covered, ticked }, place) => (covered ? ticks.tools.has(place) : ticked))
  return {
    scopes: offer.scopes.filter((scope) => scope !== 'mcp:write' || ticks.write),
    tools: kept.length === offer.tools.length ? null : kept.map(({ tool }) => tool.name),
  }
}
