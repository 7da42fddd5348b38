import { isRecord } from '../record.ts'

/** Returns true if server capabilities contain the capability with the flag set. */
export function hasCapability(capabilities: Record<string, unknown>, capability: string, flag: 'subscribe' | 'listChanged'): boolean {
  const flags = capabilities[capability]
  return isRecord(flags) && flags[flag] === true
}
