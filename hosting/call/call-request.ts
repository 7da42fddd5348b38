import type { JsonRpcError } from '../../protocol/mcp/json-rpc.ts'
import type { Surface, ToolDefinition } from '../../protocol/versions/surface.ts'
import type { Caller } from '../sources/source.ts'

/** Facts that a transport knows about a call, in addition to the MCP request. */
export interface CallRequest extends Caller {
  surface: Surface | undefined
  /** The called tool, if the surface has the tool. */
  tool: ToolDefinition | undefined
  /** Aborts when the client cancels the call. */
  signal: AbortSignal
  /**
   * Uses up a single-use value, such as a `requestState`, immediately before the source runs.
   * Returns an error if the value was used before.
   */
  claim?: () => Promise<JsonRpcError | undefined>
}
