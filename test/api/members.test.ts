import { beforeAll, describe, expect, it } from 'vitest'
import { eq } from 'drizzle-orm'
import { addInvitation } from '../../store/tenants/invitations.ts'
import { invitations } from '../../store/schema/tenants.ts'
import { person, tenantOf, type Person } from '../support/person.ts'
import { fetchPlatform, freshSlug, ORIGIN, store } from '../support/platform.ts'

const accept = ({ cookie }: Person, url: string) =>
  fetchPlatform(new URL(url).pathname, {
    method: 'POST',
    headers: { Cookie: cookie, Origin: ORIGIN, 'Content-Type': 'application/x-www-form-urlencoded' },
    body: '',
  })

/** Returns a new member of the tenant, who joined by an invitation for the role. */
async function join(owner: Person, tenant: string, role: string) {
  const guest = await person()
  const invited = await owner.call('POST', `/tenants/${tenant}/invitations`, { role })
  expect((await accept(guest, invited.body.url)).status).toBe(303)
  return { ...guest, id: (await guest.call('GET', '/me')).body.user.id as string }
}

let owner: Person
let tenant: string
beforeAll(async () => {
  owner = await person()
  tenant = await tenantOf(owner)
})

describe('invitation', () => {
  it('admits one user when ten accept it at the same time', async () => {
    const invited = await owner.call('POST', `/tenants/${tenant}/invitations`, { role: 'viewer' })
    const guests = await Promise.all(Array.from({ length: 10 }, person))
    const statuses = await Promise.all(guests.map(async (guest) => (await accept(guest, invited.body.url)).status))
    expect(statuses.toSorted()).toEqual([303, ...Array.from({ length: 9 }, () => 404)])
    expect((await owner.call('GET', `/tenants/${tenant}/members`)).body.items).toHaveLength(2)
  })

  it('is 404 for another email address, and after it was withdrawn or has expired', async () => {
    const [right, wrong] = await Promise.all([person(), person()])
    const invite = async () =>
      (await owner.call('POST', `/tenants/${tenant}/invitations`, { role: 'viewer', email: right.email.toUpperCase() })).body
    const show = async ({ cookie }: Person, url: string) =>
      (await fetchPlatform(new URL(url).pathname, { headers: { Cookie: cookie } })).status
    const first = await invite()
    expect([await show(wrong, first.url), (await accept(wrong, first.url)).status, await show(right, first.url)]).toEqual([404, 404, 200])
    await owner.call('DELETE', `/tenants/${tenant}/invitations/${first.id}`)
    expect([await show(right, first.url), (await accept(right, first.url)).status]).toEqual([404, 404])
    const second = await invite()
    await store
      .update(invitations)
      .set({ expiresAt: new Date(Date.now() - 1000) })
      .where(eq(invitations.id, second.id))
    expect([await show(right, second.url), (await accept(right, second.url)).status]).toEqual([404, 404])
    expect(await show(right, `${ORIGIN}/auth/invitation/${'a'.repeat(43)}`)).toBe(404)
  })

  it('is 404 when its creator no longer has the role to create it', async () => {
    const slug = await tenantOf(owner)
    const admin = await join(owner, slug, 'admin')
    const invite = async (who: Person, role: string): Promise<string> =>
      (await who.call('POST', `/tenants/${slug}/invitations`, { role })).body.url
    const [asAdmin, asViewer, ofOwner] = [await invite(admin, 'admin'), await invite(admin, 'viewer'), await invite(owner, 'admin')]
    const at = `/tenants/${slug}/members/${admin.id}`
    expect((await owner.call('PATCH', at, { role: 'owner' })).status).toBe(200)
    const asOwner = await invite(admin, 'owner')
    expect((await owner.call('PATCH', at, { role: 'admin' })).status).toBe(200)
    expect((await accept(await person(), asOwner)).status).toBe(404)
    expect((await accept(await person(), asViewer)).status).toBe(303)
    expect((await owner.call('DELETE', at)).status).toBe(204)
    expect((await accept(admin, asAdmin)).status).toBe(404)
    expect((await accept(await person(), ofOwner)).status).toBe(303)

    const demoted = await join(owner, slug, 'admin')
    const asDeveloper = await invite(demoted, 'developer')
    await owner.call('PATCH', `/tenants/${slug}/members/${demoted.id}`, { role: 'developer' })
    expect((await accept(await person(), asDeveloper)).status).toBe(404)
  })

  it('is not stored when its creator loses the role during the request', async () => {
    const slug = await tenantOf(owner)
    const admin = await join(owner, slug, 'admin')
    const made = (await admin.call('POST', `/tenants/${slug}/invitations`, { role: 'admin' })).body.id as string
    const [kept] = await store.select().from(invitations).where(eq(invitations.id, made))
    const write = (id: string) =>
      addInvitation(store, { ...kept!, id, tokenHash: id, invitedBy: admin.id, createdAt: new Date(), role: 'admin' }, new Date())
    expect(await write('in-time')).toBe(true)
    await owner.call('DELETE', `/tenants/${slug}/members/${admin.id}`)
    expect(await write('too-late')).toBe(false)
    expect((await owner.call('GET', `/tenants/${slug}/invitations`)).body.items).toEqual([])
  })

  it('is not shown again after creation, and at most fifty are open per tenant', async () => {
    const slug = await tenantOf(owner)
    const statuses = await Promise.all(
      Array.from({ length: 55 }, async () => (await owner.call('POST', `/tenants/${slug}/invitations`, { role: 'viewer' })).status),
    )
    expect(statuses.filter((status) => status === 201)).toHaveLength(50)
    expect(JSON.stringify((await owner.call('GET', `/tenants/${slug}/invitations`)).body)).not.toContain('/auth/invitation/')
  })

  it('opens the sign-up page when sign-up is by invitation only', async () => {
    const { env, exports } = await import('cloudflare:workers')
    const { default: worker } = await import('../../workers/index.ts')
    const ctx = { exports, waitUntil: () => undefined, passThroughOnException: () => undefined, props: {} } as unknown as ExecutionContext
    const signUpPage = async (mode: string, next: string) =>
      (
        await worker.fetch(
          new Request(`${ORIGIN}/auth/sign-up?continue=${encodeURIComponent(next)}`) as Parameters<typeof worker.fetch>[0],
          { ...env, SIGN_UP: mode } as Env,
          ctx,
        )
      ).status
    const invited = await owner.call('POST', `/tenants/${tenant}/invitations`, { role: 'viewer' })
    const next = new URL(invited.body.url).pathname
    expect(await signUpPage('open', '/dashboard/')).toBe(200)
    expect([
      await signUpPage('invitation', next),
      await signUpPage('invitation', '/dashboard/'),
      await signUpPage('invitation', `/auth/invitation/${'a'.repeat(43)}`),
    ]).toEqual([200, 403, 403])
    expect(await signUpPage('closed', next)).toBe(403)
  })
})

describe('member', () => {
  it('can do what the role allows, and a refusal names the required role', async () => {
    const [viewer, developer, admin] = [
      await join(owner, tenant, 'viewer'),
      await join(owner, tenant, 'developer'),
      await join(owner, tenant, 'admin'),
    ]
    const slug = freshSlug('s')
    const base = `/tenants/${tenant}`
    expect((await viewer.call('POST', `${base}/servers`, { slug, name: 'x' })).body).toMatchObject({
      status: 403,
      detail: expect.stringContaining('developer'),
    })
    expect((await developer.call('POST', `${base}/servers`, { slug, name: 'x' })).status).toBe(201)
    expect((await viewer.call('GET', `${base}/servers/${slug}`)).status).toBe(200)
    for (const [method, path, body] of [
      ['GET', `${base}/servers/${slug}/environment`, undefined],
      ['PUT', `${base}/servers/${slug}/environment`, { values: {} }],
      ['POST', `${base}/servers/${slug}/versions/1/activate`, undefined],
      ['GET', `${base}/servers/${slug}/versions/1/modules`, undefined],
    ] as const) {
      expect([path, (await viewer.call(method, path, body)).status]).toEqual([path, 403])
    }
    for (const [method, path, body] of [
      ['PATCH', `${base}/servers/${slug}`, { access: 'public' }],
      ['DELETE', `${base}/servers/${slug}`, undefined],
      ['POST', `${base}/servers/${slug}/client-approvals`, { clientId: 'c', state: 'approved' }],
      ['GET', `${base}/servers/${slug}/grants`, undefined],
      ['GET', `${base}/invitations`, undefined],
      ['GET', `${base}/audit`, undefined],
      ['PATCH', base, { name: 'x' }],
      ['PATCH', `${base}/members/${viewer.id}`, { role: 'admin' }],
      ['DELETE', `${base}/members/${viewer.id}`, undefined],
    ] as const) {
      expect([path, (await developer.call(method, path, body)).status]).toEqual([path, 403])
    }
    expect((await admin.call('PATCH', `${base}/servers/${slug}`, { access: 'public' })).body).toMatchObject({ access: 'public' })
    expect((await admin.call('DELETE', base)).status).toBe(403)
    expect((await admin.call('PATCH', `${base}/members/${viewer.id}`, { role: 'owner' })).status).toBe(403)
    expect((await admin.call('PATCH', `${base}/members/${viewer.id}`, { role: 'developer' })).body).toMatchObject({ role: 'developer' })
    expect((await admin.call('POST', `${base}/invitations`, { role: 'owner' })).body.errors[0].pointer).toBe('/role')
    expect((await viewer.call('DELETE', `${base}/members/${viewer.id}`)).status).toBe(204)
    expect((await viewer.call('GET', base)).status).toBe(404)
  })

  it('cannot leave as the last owner, also when two owners leave at the same time', async () => {
    const first = await person()
    const slug = await tenantOf(first)
    const second = await join(first, slug, 'owner')
    const me = (await first.call('GET', '/me')).body.user.id as string
    const left = await Promise.all([
      first.call('DELETE', `/tenants/${slug}/members/${me}`),
      second.call('DELETE', `/tenants/${slug}/members/${second.id}`),
    ])
    expect(left.map(({ status }) => status).toSorted()).toEqual([204, 409])
    const [stayed, id] = left[0].status === 409 ? [first, me] : [second, second.id]
    expect((await stayed.call('PATCH', `/tenants/${slug}/members/${id}`, { role: 'viewer' })).status).toBe(409)
  })
})

it('audit log has the changes of members, invitations and settings, in pages', async () => {
  const { items } = (await owner.call('GET', `/tenants/${tenant}/audit?limit=200`)).body
  const actions = items.map(({ action }: { action: string }) => action)
  expect(actions).toEqual(
    expect.arrayContaining([
      'tenant.created',
      'invitation.created',
      'invitation.withdrawn',
      'member.joined',
      'member.role-changed',
      'member.removed',
      'server.created',
      'server.settings-changed',
    ]),
  )
  const first = (await owner.call('GET', `/tenants/${tenant}/audit?limit=1`)).body
  expect(first).toMatchObject({ items: [{ action: actions[0] }], next: expect.any(String) })
  expect((await owner.call('GET', `/tenants/${tenant}/audit?before=nonsense`)).status).toBe(400)
})
