import { openApiDocument } from '../../protocol/api/openapi.ts'
import { json } from '../responses.ts'
import type { AppRequest, Handler } from '../request.ts'

/** Document of this isolate, because the schemas and the origin change only with a deployment. */
let document: Record<string, unknown> | undefined

/** Describes the management API as OpenAPI 3.1. */
export const showOpenApi: Handler<AppRequest> = ({ addresses: { origin } }) => {
  document ??= openApiDocument(origin)
  return json(document, { headers: { 'Cache-Control': 'public, max-age=300', 'Access-Control-Allow-Origin': '*' } })
}
