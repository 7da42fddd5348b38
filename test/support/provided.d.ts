import 'vitest'
import type { Addresses } from '../pages/addresses.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** How many requests a flood is. */
    flood: number
    /** Where test/support/tcp-greeter.ts listens on 127.0.0.1. */
    greeterPort: number
    /** https origin -> where test/support/loopback-hosts.ts serves it. */
    loopbackHosts: Record<string, string>
    /** Each directory of examples/, bundled as `scripts/bundle.ts` does it. */
    examples: Record<string, { manifest: { source: 'code'; mainModule: string; note: string }; modules: Record<string, string> }>
    /** Of page tests: the platform, where its browser is driven from, and what test/pages/furnish.ts made there. */
    pages: { origin: string; browser: string; addresses: Addresses }
  }
}
