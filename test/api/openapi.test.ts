import { Validator } from '@cfworker/json-schema'
import { beforeAll, describe, expect, it } from 'vitest'
import { OPERATIONS } from '../../protocol/api/operations/all.ts'
import { router } from '../../workers/router.ts'
import { person, tenantOf, type Person } from '../support/person.ts'
import { fetchPlatform, freshSlug, ORIGIN } from '../support/platform.ts'

interface Described {
  operationId: string
  responses: Record<string, unknown>
  requestBody?: { content: { 'application/json': { schema: object } } }
}
interface Document {
  openapi: string
  servers: { url: string }[]
  paths: Record<string, Record<string, Described>>
}

let document: Document
beforeAll(async () => {
  const response = await fetchPlatform('/api/openapi.json')
  expect([response.status, response.headers.get('Content-Type')]).toEqual([200, 'application/json'])
  document = await response.json()
})

it('the document describes every route of the management API and no other', () => {
  const routes = router.routes
    .filter(([, , , path]) => path?.startsWith('/api/') && path !== '/api/openapi.json')
    .map(([method, , , path]) => `${method} ${path?.replaceAll(/:(\w+)/g, '{$1}')}`)
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  expect(described.toSorted()).toEqual(routes.toSorted())
})

it('the document is OpenAPI 3.1 for the origin of the platform, with unique operation ids', () => {
  expect(document.openapi).toBe('3.1.0')
  expect(document.servers).toEqual([{ url: ORIGIN }])
  const ids = Object.values(document.paths).flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId))
  expect(new Set(ids).size).toBe(ids.length)
})

it('no schema of the document refers to a place outside itself', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, target]) => target)
  expect(new Set(references)).toEqual(new Set(['#/components/responses/Problem']))
})

it.each([
  ['/api/tenants/{tenant}/servers', { slug: 'weather', name: 'Weather' }, { slug: 'weather' }],
  ['/api/tenants/{tenant}/clients', { name: 'Nightly', grantTypes: ['client_credentials'] }, { name: 'Nightly', grantTypes: ['password'] }],
  ['/api/me/tokens', { name: 'ci', tenant: 'acme', role: 'developer' }, { name: 'ci', tenant: 'acme', role: 'god' }],
])('the body schema of POST %s accepts a valid body and refuses an invalid one', (path, valid, invalid) => {
  const schema = document.paths[path]?.['post']?.requestBody?.content['application/json'].schema ?? {}
  const validator = new Validator(schema, '2020-12')
  expect(validator.validate(valid)).toMatchObject({ valid: true })
  expect(validator.validate(invalid)).toMatchObject({ valid: false })
})

describe('the documented role', () => {
  const ORDER = ['viewer', 'developer', 'admin', 'owner'] as const
  let tenant: string
  const members = new Map<string, Person>()
  beforeAll(async () => {
    const owner = await person()
    tenant = await tenantOf(owner)
    await owner.call('POST', `/tenants/${tenant}/servers`, { slug: 'srv', name: 'x' })
    for (const role of ORDER.slice(0, 3)) {
      const { body } = await owner.call('POST', `/tenants/${tenant}/invitations`, { role })
      const member = await person()
      const accepted = await fetchPlatform(new URL(body.url).pathname, {
        method: 'POST',
        headers: { Cookie: member.cookie, Origin: ORIGIN },
      })
      expect(accepted.status).toBe(303)
      members.set(role, member)
    }
  })

  it.each(OPERATIONS.filter(({ role }) => role !== undefined && role !== 'viewer').map((operation) => [operation.id, operation] as const))(
    'of %s is the least role that is not refused',
    async (_, { method, path, role = 'viewer' }) => {
      const asked = path
        .replace('/api', '')
        .replace('{tenant}', tenant)
        .replace('{server}', 'srv')
        .replaceAll(/\{\w+\}/g, () => freshSlug('none'))
      const callAs = async (each: string) =>
        (await members.get(each)?.call(method, asked, method === 'GET' || method === 'DELETE' ? undefined : {}))?.status
      const rank = ORDER.indexOf(role)
      expect(await callAs(ORDER[rank - 1] ?? '')).toBe(403)
      // an owner would change the tenant for the other rows
      if (role !== 'owner' && !(method === 'DELETE' && path.endsWith('{server}'))) expect(await callAs(role)).not.toBe(403)
    },
  )
})
