import type { BearerRequest, ServerRequest } from '../../workers/request.ts'

/**
 * Compile-time test. `npm run types` fails if code can read a request property that no gate sets.
 * With itty-router's IRequest every property is `any`, so a misspelling would compile.
 */
export function misspeltProperties(request: BearerRequest, anonymous: ServerRequest): unknown[] {
  return [
    request.principal.kind,
    // @ts-expect-error `prinicpal` is misspelt
    request.prinicpal,
    // @ts-expect-error `lenght` is misspelt
    request.server.origins.lenght,
    // @ts-expect-error withBearer sets `principal`, and withHostedServer alone does not
    anonymous.principal,
  ]
}
