import { WorkerEntrypoint } from 'cloudflare:workers'
import { BatchLater } from './batch-later.ts'
import { WaitingChanges } from './waiting-changes.ts'
import { isRecord } from '../protocol/record.ts'

export interface EventsProps {
  serverId: string
}

/** A change published by a hosted server, in the form of the SDK's `ServerEvent`. */
export type ServerEvent =
  | { kind: 'tools_list_changed' | 'prompts_list_changed' | 'resources_list_changed' }
  | { kind: 'resource_updated'; uri: string }

/** A change in the form of the hub. */
export type HubEvent =
  | { type: 'tools/list_changed' | 'prompts/list_changed' | 'resources/list_changed' }
  | { type: 'resources/updated'; uri: string }

const LISTS = {
  tools_list_changed: 'tools/list_changed',
  prompts_list_changed: 'prompts/list_changed',
  resources_list_changed: 'resources/list_changed',
} as const

const MAX_URI = 2048

/**
 * The binding `env.EVENTS` of a hosted server's code. `publish` notifies every subscribed client.
 * The entry module adapts the binding to the SDK's `ServerEventBus`, so that a tenant writes
 * `createMcpHandler(factory, { bus: env.EVENTS })`. The server id is in the props, because tenant
 * code cannot change the props.
 */
export class Events extends WorkerEntrypoint<Env, EventsProps> {
  publish(event: ServerEvent): void {
    gatherEvent(this.env, this.ctx.props.serverId, toHubEvent(event), this.ctx)
  }

  /** Does nothing, because the platform answers `subscriptions/listen` itself. */
  subscribe(): () => void {
    return () => undefined
  }
}

const batches = new BatchLater<WaitingChanges<HubEvent>>({
  gatherMs: 20,
  abandonedMs: 5_000,
  empty: () => new WaitingChanges(),
})

/**
 * Sends a change to the hub with other changes of the moment, because a message for each change of
 * many calls would take the time of other servers.
 */
function gatherEvent(env: Env, serverId: string, event: HubEvent, ctx: Pick<ExecutionContext, 'waitUntil'>): void {
  const flush = async (changes: WaitingChanges<HubEvent>) =>
    env.SUBSCRIPTION_HUB.getByName(serverId).publish(changes.take(), changes.takeCounts())
  batches.gather(serverId, flush, ctx).add(event)
}

/** Notifies every subscribed client of a hosted server. */
export async function publishEvent(env: Pick<Env, 'SUBSCRIPTION_HUB'>, serverId: string, event: HubEvent): Promise<void> {
  await env.SUBSCRIPTION_HUB.getByName(serverId).publish(event)
}

/** Checks and rebuilds an event, because tenant code sends the event over RPC. */
function toHubEvent(event: unknown): HubEvent {
  const { kind, uri }: Record<string, unknown> = isRecord(event) ? event : {}
  if (typeof kind === 'string' && Object.hasOwn(LISTS, kind)) return { type: LISTS[kind as keyof typeof LISTS] }
  if (kind === 'resource_updated' && typeof uri === 'string' && uri.length <= MAX_URI) return { type: 'resources/updated', uri }
  throw new TypeError(
    'EVENTS.publish requires { kind: "tools_list_changed" | "prompts_list_changed" | "resources_list_changed" } or { kind: "resource_updated", uri }',
  )
}
