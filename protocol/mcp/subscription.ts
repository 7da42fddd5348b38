import { z } from 'zod'
import { ErrorCode, McpError } from './errors.ts'
import type { JsonRpcRequest } from './json-rpc.ts'
import { hasCapability } from './capabilities.ts'

/** Notifications of a `subscriptions/listen` stream (2026-07-28, subscriptions). */
export interface SubscriptionFilter {
  toolsListChanged?: true
  promptsListChanged?: true
  resourcesListChanged?: true
  resourceSubscriptions?: string[]
}

const MAX_RESOURCES = 1_000

const notifications = z.object({
  toolsListChanged: z.boolean().optional(),
  promptsListChanged: z.boolean().optional(),
  resourcesListChanged: z.boolean().optional(),
  resourceSubscriptions: z.array(z.string().max(2048)).max(MAX_RESOURCES).optional(),
})

/**
 * Returns the requested filter without the notifications that the server's capabilities lack.
 * Throws -32602 for a malformed filter.
 */
export function supportedFilter({ id, params }: JsonRpcRequest, capabilities: Record<string, unknown>): SubscriptionFilter {
  const parsed = notifications.safeParse(params?.['notifications'])
  if (!parsed.success) {
    const member = parsed.error.issues[0]?.path.join('.')
    throw new McpError(200, ErrorCode.invalidParams, `params.notifications${member ? `.${member}` : ''} is missing or malformed.`, { id })
  }
  const { toolsListChanged, promptsListChanged, resourcesListChanged, resourceSubscriptions } = parsed.data
  return {
    ...(toolsListChanged && hasCapability(capabilities, 'tools', 'listChanged') ? { toolsListChanged } : {}),
    ...(promptsListChanged && hasCapability(capabilities, 'prompts', 'listChanged') ? { promptsListChanged } : {}),
    ...(resourcesListChanged && hasCapability(capabilities, 'resources', 'listChanged') ? { resourcesListChanged } : {}),
    ...(resourceSubscriptions && hasCapability(capabilities, 'resources', 'subscribe') ? { resourceSubscriptions } : {}),
  }
}
