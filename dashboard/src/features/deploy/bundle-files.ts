import type { CodeUploadBody } from '../../../../protocol/api.ts'

/** File names that a browser's file dialog offers for a bundle. */
export const BUNDLE_FILES = '.js,.mjs,.json,.txt,.html'

export function isModule(file: string): boolean {
  return /\.m?js$/.test(file)
}

/** The module that most likely answers requests. Undefined if no file is a module. */
export function guessMainModule(files: readonly string[]): string | undefined {
  const modules = files.filter(isModule)
  return modules.find((file) => /^(?:index|server|main|worker)\.m?js$/.test(file)) ?? modules[0]
}

export function bundleUpload(modules: Readonly<Record<string, string>>, mainModule: string, note: string): CodeUploadBody {
  return { manifest: { source: 'code', mainModule, note }, modules: { ...modules } }
}
