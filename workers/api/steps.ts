import type { ProblemBody } from '../../protocol/api/fields.ts'
import type { DeployStep, VersionBody } from '../../protocol/api/versions.ts'
import { toResponse } from '../errors.ts'
import type { AppRequest, Handler } from '../request.ts'

const STEPS = 'application/x-ndjson'

/** A request behind `stepped`. `tell` is set if the client asks for a report of each step. */
export interface SteppedRequest extends AppRequest {
  tell?: (step: DeployStep) => void
}

/**
 * Replies with one line per step, and the handler's reply as the last line, to clients that accept
 * `application/x-ndjson`. A refusal before the first step keeps its status. `stepped` wraps
 * `idempotent`, which stores the plain reply, so a repeated request gets one line. A disconnect
 * does not stop the handler.
 */
export function stepped<R extends SteppedRequest>(handler: Handler<R>): Handler<R> {
  return async (request) => {
    if (!wantsSteps(request.headers.get('Accept'))) return handler(request)
    const { readable, writable } = new IdentityTransformStream()
    const writer = writable.getWriter()
    writer.closed.catch(() => undefined) // the client disconnected
    const encoder = new TextEncoder()
    const write = (step: DeployStep) => writer.write(encoder.encode(`${JSON.stringify(step)}\n`)).catch(() => undefined)
    const begun = Promise.withResolvers<undefined>()
    request.tell = (step) => {
      begun.resolve(undefined)
      void write(step)
    }

    const reply = (async () => handler(request))().catch((error: unknown) => toResponse(error, request))
    const finish = async () => {
      await write(await lastStep(await reply))
      await writer.close().catch(() => undefined)
    }
    const early = await Promise.race([begun.promise, reply])
    if (early && !early.ok) return early
    request.waitUntil(finish())
    return new Response(readable, {
      headers: { 'Content-Type': STEPS, 'Cache-Control': 'no-store, no-transform', 'X-Accel-Buffering': 'no' },
    })
  }
}

async function lastStep(reply: Response): Promise<DeployStep> {
  if (reply.ok) return { step: 'done', version: await reply.json<VersionBody>() }
  return { step: 'failed', problem: await reply.json<ProblemBody>() }
}

function wantsSteps(accept: string | null): boolean {
  return (accept ?? '').split(',').some((range) => range.split(';')[0]?.trim().toLowerCase() === STEPS)
}
