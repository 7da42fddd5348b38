import type { Plugin } from 'vite'
import { editorTypes } from './editor-types.ts'
import { tenantPackages } from './tenant-packages.ts'

const ASSETS: Record<string, () => Promise<unknown>> = {
  'virtual:tenant-packages': tenantPackages,
  'virtual:editor-types': editorTypes,
}

/** Vite plugin for assets of the editor's workers. Importing such an asset returns its URL. */
export function editorAssets(): Plugin {
  return {
    name: 'wharf-editor-assets',
    resolveId: (id) => (Object.hasOwn(ASSETS, id) ? `\0${id}` : undefined),
    async load(id) {
      const generate = ASSETS[id.slice(1)]
      if (!id.startsWith('\0') || !generate) return undefined
      const source = JSON.stringify(await generate())
      const reference = this.emitFile({ type: 'asset', name: `${id.slice('\0virtual:'.length)}.json`, source })
      return `export default import.meta.ROLLUP_FILE_URL_${reference}`
    },
  }
}
