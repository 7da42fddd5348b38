import { error } from '../../../protocol/versions/finding.ts'
import type { Finding } from '../../../protocol/versions/surface.ts'

/**
 * The runtime's own words for modules that cannot be started -> which module, and what is wrong with it. Undefined where the words are others than these:
 * then they are shown as they are.
 */
export function startFailure(detail: string, mainModule: string): Finding | undefined {
  const reason = /Failed to start Worker:\s*(?:Uncaught )?(.+)/s.exec(detail)?.[1]?.trim()
  if (reason === undefined) return undefined
  if (reason.includes(NO_HANDLER)) return error('main-module', mainModule, NO_HANDLER)
  const [, missing, importer] = /No such module "(.+?)"\.\s+imported from "(.+?)"/.exec(reason) ?? []
  if (missing !== undefined && importer !== undefined) {
    return error('module-import', importer, `it imports "${missing}", which is neither in the bundle nor part of the runtime`)
  }
  const [, place] = /\s+at (?:.* \()?([^\s()]+):\d+:\d+/.exec(reason) ?? []
  return error('module-start', place ?? 'modules', `it cannot be started: ${reason}`)
}

/** What a main module without anything to call is refused with, by the module in front of it (sources/entry-module.ts). */
export const NO_HANDLER = 'its default export has no fetch(request, env, ctx)'
