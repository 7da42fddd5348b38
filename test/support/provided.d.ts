import 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** Each directory of examples/, bundled as `scripts/bundle.ts` does it. */
    examples: Record<string, { manifest: { source: 'code'; mainModule: string; note: string }; modules: Record<string, string> }>
  }
}
