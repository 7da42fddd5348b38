import { isRecord } from '../record.ts'

/** Limit of the JSON of `clientInfo`, and of `capabilities`. A session stores both. */
export const MAX_CLIENT = 16 * 1024

/**
 * Returns the params of `initialize` without icons that exceed the limit, because icons are only
 * cosmetic. Returns undefined if the rest exceeds the limit.
 */
export function boundClient(params: Record<string, unknown>): Record<string, unknown> | undefined {
  if (isTooLong(params['capabilities'])) return undefined
  if (!isTooLong(params['clientInfo']) || !isRecord(params['clientInfo'])) return params
  const { icons: _icons, ...clientInfo } = params['clientInfo']
  return isTooLong(clientInfo) ? undefined : { ...params, clientInfo }
}

function isTooLong(value: unknown): boolean {
  return (JSON.stringify(value) ?? '').length > MAX_CLIENT
}
