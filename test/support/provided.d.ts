import 'vitest'
import type { Addresses } from '../pages/addresses.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Number of requests in a flood. */
    flood: number
    /** Port of test/support/tcp-greeter.ts on 127.0.0.1. */
    greeterPort: number
    /** Map of https origins to the loopback origins of test/support/loopback-hosts.ts. */
    loopbackHosts: Record<string, string>
    /** Examples bundled by `scripts/bundle.ts`, by directory name. */
    examples: Record<string, { manifest: { source: 'code'; mainModule: string; note: string }; modules: Record<string, string> }>
    /** Origin, browser endpoint and URLs (test/pages/furnish.ts) for page tests. */
    /** `state` is the state folder of the platform. */
    pages: { origin: string; browser: string; state: string; addresses: Addresses }
  }
}
