import { z } from 'zod'
import { problemBody } from './fields.ts'
import { OPERATIONS } from './operations/all.ts'
import type { Operation } from './operations/operation.ts'

const PROBLEM = { $ref: '#/components/responses/Problem' }

/** Returns the OpenAPI 3.1 document of the management API at an origin. */
export function openApiDocument(origin: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const operation of OPERATIONS) (paths[operation.path] ??= {})[operation.method.toLowerCase()] = describe(operation)
  return {
    openapi: '3.1.0',
    info: {
      title: 'Wharf management API',
      version: '1',
      description:
        'Manages tenants, hosted servers, versions, apps and access. Times are ISO 8601 in UTC. `tenant` and `server` in a path are slugs.',
    },
    servers: [{ url: origin }],
    tags: [...new Set(OPERATIONS.map(({ tag }) => tag))].map((name) => ({ name })),
    security: [{ token: [] }, { signIn: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'Personal API token, valid for one tenant and with at most its role.' },
        signIn: {
          type: 'apiKey',
          in: 'cookie',
          name: 'wharf-sign-in',
          description: 'Sign-in of a browser. Changes need the Origin of the platform.',
        },
      },
      responses: {
        Problem: {
          description: 'Problem document (RFC 9457). `errors` names invalid fields by JSON Pointer.',
          content: { 'application/problem+json': { schema: toJsonSchema(problemBody, 'output') } },
        },
      },
    },
  }
}

function describe(operation: Operation): Record<string, unknown> {
  const { id, summary, tag, role, browserOnly, body, reply, status } = operation
  const rights = role
    ? `Requires the role ${role}.`
    : browserOnly
      ? 'Requires a sign-in by browser; personal API tokens are refused.'
      : undefined
  return {
    operationId: id,
    summary,
    tags: [tag],
    ...(rights && { description: rights }),
    ...(browserOnly && { security: [{ signIn: [] }] }),
    ...(parametersOf(operation).length > 0 && { parameters: parametersOf(operation) }),
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: toJsonSchema(body, 'input') } } } }),
    responses: {
      ...(reply
        ? { [status ?? 200]: { description: 'Done', content: { 'application/json': { schema: toJsonSchema(reply, 'output') } } } }
        : { 204: { description: 'Done' } }),
      default: PROBLEM,
    },
  }
}

function parametersOf({ path, query = {}, idempotent }: Operation): Record<string, unknown>[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }))
  const inQuery = Object.entries(query).map(([name, schema]) => ({ name, in: 'query', schema: toJsonSchema(schema, 'input') }))
  const key = {
    name: 'Idempotency-Key',
    in: 'header',
    description: 'A repeated request with the same key within 24 hours has no second effect.',
    schema: { type: 'string', minLength: 1, maxLength: 100 },
  }
  return [...inPath, ...inQuery, ...(idempotent ? [key] : [])]
}

/** Leaves replies open for further properties, because later releases may add some. */
function toJsonSchema(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
    },
  })
  return rest
}
