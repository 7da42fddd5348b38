import { error } from '../../../protocol/versions/finding.ts'
import type { Finding } from '../../../protocol/versions/surface.ts'

/**
 * Parses the runtime's error text for failed starts. Returns a finding with the module and the
 * fault, or undefined for an unknown text.
 */
export function startFailure(detail: string, mainModule: string): Finding | undefined {
  const reason = /Failed to start Worker:\s*(?:Uncaught )?(.+)/s.exec(detail)?.[1]?.trim()
  if (reason === undefined) return undefined
  if (reason.includes(NO_HANDLER)) return error('main-module', mainModule, NO_HANDLER)
  const [, missing, importer] = /No such module "(.+?)"\.\s+imported from "(.+?)"/.exec(reason) ?? []
  if (missing !== undefined && importer !== undefined) {
    return error('module-import', importer, `imports "${missing}", which is neither in the bundle nor part of the runtime`)
  }
  const [, place] = /\s+at (?:.* \()?([^\s()]+):\d+:\d+/.exec(reason) ?? []
  return error('module-start', place ?? 'modules', `does not start: ${reason}`)
}

/** Error text of the entry module if the main module exports no handler. */
export const NO_HANDLER = 'the default export has no fetch(request, env, ctx)'
