import { totalmem } from 'node:os'
import { CliError } from './cli.ts'

const MIN_CAP = 512 * 2 ** 20
const UNITS: Record<string, number> = { mb: 2 ** 20, gb: 2 ** 30 }

/** Returns a quarter of the memory of the machine or its container. */
export function defaultMemoryCap(): number {
  const container = process.constrainedMemory()
  const total = container > 0 ? Math.min(container, totalmem()) : totalmem()
  return Math.max(MIN_CAP, total / 4)
}

/** Returns `--memory` or WHARF_MEMORY in bytes, for example `2gb`. Undefined if neither is set. */
export function readMemoryCap(option: string | undefined): number | undefined {
  const text = option ?? process.env['WHARF_MEMORY']
  if (text === undefined || text === '') return undefined
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?) ?([mg]b)$/i.exec(text) ?? []
  const bytes = Number(number) * (UNITS[unit.toLowerCase()] ?? 0)
  if (!(bytes >= MIN_CAP)) throw new CliError(`The memory limit must be at least 512mb, for example 2gb, not "${text}".`)
  return bytes
}
