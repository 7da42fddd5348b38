import { writes, type ToolDefinition } from '../versions/surface.ts'
import { covers, type Scope } from './scope.ts'

/** What a grant lets its client do. Tools: null = all, also those that come later. */
export interface Rights {
  scopes: Scope[]
  tools: string[] | null
}

/** The tools a grant comes to: what its user chose, and of that what the tenant leaves. */
export function leftTools(tools: string[] | null, limit: string[] | null): string[] | null {
  if (tools === null || limit === null) return tools ?? limit
  return tools.filter((name) => limit.includes(name))
}

/** A tool on the consent page. */
export interface OfferedTool {
  tool: ToolDefinition
  /** It may change things, as far as it says. */
  writes: boolean
  /** Within the scopes asked for. One that is not is nobody's to choose now: it stays listed to the client, which can ask for more. */
  covered: boolean
  /** The client has the use of it already, by a grant that lives. */
  held: boolean
  /** As the page shows it at first. */
  ticked: boolean
}

/** What a person is asked. */
export interface Offer {
  scopes: Scope[]
  /** Of `scopes`, those the client has by no grant that lives; all where it has none. */
  newScopes: Scope[]
  tools: OfferedTool[]
  /** The client has a grant here: it asks for more, or for the same at another place. */
  known: boolean
}

/**
 * `held` are the rights of the client's grants by this user that live, the one used last first: that is the one which steps up, so what its user took out
 * of it stays out until they tick it again.
 */
export function offerOf({ scopes, tools }: { scopes: Scope[]; tools: readonly ToolDefinition[] }, held: readonly Rights[]): Offer {
  const narrowed = held[0]?.tools ?? null
  return {
    scopes,
    newScopes: scopes.filter((scope) => !held.some((rights) => covers(rights.scopes, scope))),
    known: held.length > 0,
    tools: tools.map((tool) => ({
      tool,
      writes: writes(tool),
      covered: isCovered(tool, scopes),
      held: held.some((rights) => isCovered(tool, rights.scopes) && (rights.tools?.includes(tool.name) ?? true)),
      ticked: narrowed?.includes(tool.name) ?? true,
    })),
  }
}

function isCovered(tool: ToolDefinition, scopes: readonly Scope[]): boolean {
  return covers(scopes, writes(tool) ? 'mcp:write' : 'mcp:read')
}

/** The answer to an offer: which tools, by their place in it, and whether `mcp:write` at all. */
export interface Ticks {
  tools: ReadonlySet<number>
  write: boolean
}

/** What is granted: never more than was offered. All ticked is no narrowing, so that tools that come later are in it. */
export function chosenRights(offer: Offer, ticks: Ticks): Rights {
  const kept = offer.tools.filter(({ covered, ticked }, place) => (covered ? ticks.tools.has(place) : ticked))
  return {
    scopes: offer.scopes.filter((scope) => scope !== 'mcp:write' || ticks.write),
    tools: kept.length === offer.tools.length ? null : kept.map(({ tool }) => tool.name),
  }
}
