import type { BearerRequest, ServerRequest } from '../../workers/request.ts'

/**
 * Compile-time test: `npm run types` fails if a property of a request that no gate sets is
 * accepted. The requests of itty-router's IRequest are records of `any`, so a misspelling compiles.
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
