import { WorkerEntrypoint } from 'cloudflare:workers'
import { isRecord } from '../protocol/record.ts'

export interface EventsProps {
  serverId: string
}

/** A change a hosted server tells its clients of. The form is that of the SDK's `ServerEvent`. */
export type ServerEvent =
  | { kind: 'tools_list_changed' | 'prompts_list_changed' | 'resources_list_changed' }
  | { kind: 'resource_updated'; uri: string }

/** As {@link Events} passes it on. */
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
 * `env.EVENTS` of a hosted server's code: `publish` tells every subscribed client of that server. It has the shape of the SDK's `ServerEventBus`, so that
 * `createMcpHandler(factory, { bus: env.EVENTS })` is all a tenant writes; sources/entry-module.ts stands between the two. Who it speaks for is in its props, out of the code's reach.
 */
export class Events extends WorkerEntrypoint<Env, EventsProps> {
  publish(event: ServerEvent): void {
    // the code need not wait, and its request may end before the hub has answered
    this.ctx.waitUntil(publishEvent(this.env, this.ctx.props.serverId, toHubEvent(event)))
  }

  /** The platform answers `subscriptions/listen` itself, so no listener of the code's would ever hear anything. */
  subscribe(): () => void {
    return () => undefined
  }
}

/** Tells every client subscribed at a hosted server. */
export async function publishEvent(env: Pick<Env, 'SUBSCRIPTION_HUB'>, serverId: string, event: HubEvent): Promise<void> {
  await env.SUBSCRIPTION_HUB.getByName(serverId).publish(event)
}

/** What comes over RPC is the tenant's: checked, then rebuilt. */
function toHubEvent(event: unknown): HubEvent {
  const { kind, uri }: Record<string, unknown> = isRecord(event) ? event : {}
  if (typeof kind === 'string' && Object.hasOwn(LISTS, kind)) return { type: LISTS[kind as keyof typeof LISTS] }
  if (kind === 'resource_updated' && typeof uri === 'string' && uri.length <= MAX_URI) return { type: 'resources/updated', uri }
  throw new TypeError(
    'EVENTS.publish takes { kind: "tools_list_changed" | "prompts_list_changed" | "resources_list_changed" } or { kind: "resource_updated", uri }',
  )
}
