import { eq } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import { describe, expect, it } from 'vitest'
import { newId } from '../../protocol/random.ts'
import { mayClientConnect, mayUserConnect } from '../../store/admission.ts'
import { findExcludedGrants, findMemberGrants } from '../../store/grants/grants.ts'
import { findPrincipal } from '../../store/grants/tokens.ts'
import { findKeyPrincipal } from '../../store/machines/access-keys.ts'
import { findExcludedMachines } from '../../store/machines/machine-grants.ts'
import { findMachinePrincipal } from '../../store/machines/machine-tokens.ts'
import { clientApprovals, clients } from '../../store/schema/clients.ts'
import { grants, tokens } from '../../store/schema/grants.ts'
import { accessKeys, machineGrants, machineTokens } from '../../store/schema/machines.ts'
import { tenants } from '../../store/schema/tenants.ts'
import { findUsableServers } from '../../store/servers/usable-servers.ts'
import { addMember, createServer, createTenant, createUser, ORIGIN, store, type TestServer } from '../support/platform.ts'

/*
 * Every combination of the settings `access` and `clients`, a decision about a client, a kind of
 * client and a caller, in an active and in a suspended tenant, for each query that decides who may
 * connect. The two tables below are the specification; no expected value comes from the code.
 */

const ADMITTED_USERS = {
  members: { owner: true, admin: true, developer: true, viewer: true, stranger: false },
  'signed-in': { owner: true, admin: true, developer: true, viewer: true, stranger: true },
  public: { owner: true, admin: true, developer: true, viewer: true, stranger: true },
}

/** Under `clients: approved`; `clients: any` admits every client, also a refused client. */
const ADMITTED_CLIENTS = {
  'by document': { undecided: false, waiting: false, approved: true, refused: false },
  registered: { undecided: false, waiting: false, approved: true, refused: false },
  'registered at the root': { undecided: false, waiting: false, approved: true, refused: false },
  'made by hand': { undecided: true, waiting: false, approved: true, refused: false },
  dashboard: { undecided: true, waiting: false, approved: true, refused: false },
}

type Access = keyof typeof ADMITTED_USERS
type Caller = keyof (typeof ADMITTED_USERS)['members']
type Kind = keyof typeof ADMITTED_CLIENTS
type Decision = keyof (typeof ADMITTED_CLIENTS)['registered']
type Policy = 'any' | 'approved'

const keysOf = <K extends string>(table: Record<K, unknown>) => Object.keys(table) as K[]
const ACCESS = keysOf(ADMITTED_USERS)
const CALLERS = keysOf(ADMITTED_USERS.members)
const KINDS = keysOf(ADMITTED_CLIENTS)
const DECISIONS = keysOf(ADMITTED_CLIENTS.registered)
const POLICIES: Policy[] = ['any', 'approved']
/** Kinds with a row in `clients`, which machine grants need. */
const MACHINES = ['registered', 'registered at the root', 'made by hand'] as const
/** Kinds of clients that the root issuer accepts. */
const AT_ROOT = ['by document', 'registered at the root', 'dashboard'] as const

const admitsUser = ({ access }: Place, caller: Caller) => ADMITTED_USERS[access][caller]
const admitsClient = ({ policy }: Place, { kind, decision }: Pick<App, 'kind' | 'decision'>) =>
  policy === 'any' || ADMITTED_CLIENTS[kind][decision]

interface App {
  kind: Kind
  decision: Decision
  issuer?: string
  clientId: string
}

interface Place {
  access: Access
  policy: Policy
  isSuspended: boolean
  server: TestServer
  key: { tenantId: string; serverId: string }
  people: Record<Caller, string>
  apps: App[]
}

const NOW = new Date()
const LATER = new Date(NOW.getTime() + 3600_000)

async function furnish(isSuspended: boolean): Promise<Place[]> {
  const tenant = await createTenant()
  const people = {
    owner: tenant.owner.id,
    admin: (await addMember(tenant, 'admin')).id,
    developer: (await addMember(tenant, 'developer')).id,
    viewer: (await addMember(tenant, 'viewer')).id,
    stranger: (await createUser()).id,
  }
  const issuers = { registered: `${ORIGIN}/registered`, 'registered at the root': ORIGIN, 'made by hand': `tenant:${tenant.id}` }
  const apps = KINDS.flatMap((kind) =>
    DECISIONS.map((decision): App => ({
      kind,
      decision,
      clientId: newId(),
      ...(kind in issuers ? { issuer: issuers[kind as keyof typeof issuers] } : {}),
    })),
  )
  await write(
    apps.flatMap(({ kind, issuer, clientId }) =>
      issuer === undefined
        ? []
        : store.insert(clients).values({
            issuer,
            clientId,
            tenantId: kind === 'registered at the root' ? null : tenant.id,
            redirectUris: [],
            grantTypes: [],
            responseTypes: [],
            tokenEndpointAuthMethod: 'none',
            metadata: {},
          }),
    ),
  )
  const places: Place[] = []
  for (const access of ACCESS) {
    for (const policy of POLICIES) {
      const server = await createServer({ tenant, settings: { access, clients: policy, machineScopes: ['mcp:read'] } })
      const key = { tenantId: tenant.id, serverId: server.id }
      await write(
        apps.flatMap(({ decision, clientId }) =>
          decision === 'undecided' ? [] : store.insert(clientApprovals).values({ ...key, clientId, state: decision }),
        ),
      )
      places.push({ access, policy, isSuspended, server, key, people, apps })
    }
  }
  if (isSuspended) await store.update(tenants).set({ suspendedAt: NOW }).where(eq(tenants.id, tenant.id))
  return places
}

async function write(statements: BatchItem<'sqlite'>[]): Promise<void> {
  for (let at = 0; at < statements.length; at += 200) {
    const [first, ...rest] = statements.slice(at, at + 200)
    if (first) await store.batch([first, ...rest])
  }
}

const estates = [await furnish(false), await furnish(true)]
const places = estates.flat()

/** Results by the combination, so that a failure names each combination that differs. */
class Results {
  readonly #actual: Record<string, boolean> = {}
  readonly #expected: Record<string, boolean> = {}
  add({ access, policy, isSuspended }: Place, caller: string, outcome: { actual: boolean; expected: boolean }): void {
    const name = `${access}, ${policy}${isSuspended ? ', suspended' : ''}: ${caller}`
    if (name in this.#actual) throw new Error(`two results for ${name}`)
    this.#actual[name] = outcome.actual
    this.#expected[name] = outcome.expected
  }
  check(combinations: number): void {
    expect(this.#actual).toEqual(this.#expected)
    expect(Object.keys(this.#actual)).toHaveLength(combinations)
  }
}

const named = ({ kind, decision }: App) => `${kind}, ${decision}`
const audience = ({ key, server }: Place, dashboardClientId: string) => ({
  ...key,
  issuers: [server.urls.issuer],
  resource: server.urls.resource,
  dashboardClientId,
})

describe('people', () => {
  it('mayUserConnect admits the users of the table', async () => {
    const results = new Results()
    for (const place of places) {
      for (const caller of CALLERS) {
        const actual = await mayUserConnect(store, place.key, place.people[caller])
        results.add(place, caller, { actual, expected: admitsUser(place, caller) })
      }
    }
    results.check(12 * 5)
  })

  it('mayClientConnect admits the clients of the table', async () => {
    const results = new Results()
    for (const place of places) {
      for (const app of place.apps) {
        const actual = await mayClientConnect(store, place.key, { ...app, ...(app.kind === 'dashboard' ? { isDashboard: true } : {}) })
        results.add(place, named(app), { actual, expected: admitsClient(place, app) })
      }
    }
    results.check(12 * 20)
  })

  it('findPrincipal admits, and findExcludedGrants excludes, grants by user and client', async () => {
    const admitted = new Results()
    const excluded = new Results()
    for (const place of places) {
      const { key, server } = place
      const given = CALLERS.flatMap((caller) => place.apps.map((app) => ({ caller, app, id: newId(), hash: newId() })))
      await write(
        given.flatMap(({ caller, app, id, hash }) => {
          const row = { ...key, issuer: server.urls.issuer, userId: place.people[caller], scopes: ['mcp:read' as const], record: '{}' }
          return [
            store.insert(grants).values({ ...row, id, clientId: app.clientId, resource: server.urls.resource }),
            store.insert(tokens).values({ ...row, hash, grantId: id, audience: server.urls.resource, expiresAt: LATER }),
          ]
        }),
      )
      // the dashboard has one client id in an installation; here it has one for each decision
      const dashboardIds = place.apps.filter(({ kind }) => kind === 'dashboard').map(({ clientId }) => clientId)
      const sets = await Promise.all(
        ['another client', ...dashboardIds].map(async (dashboardClientId) => {
          const ended = await findExcludedGrants(store, { ...key, dashboardClientId })
          return [dashboardClientId, new Set(ended.map(({ id }) => id))] as const
        }),
      )
      const excludedBy = new Map(sets)
      const check = async ({ caller, app, id, hash }: (typeof given)[number]) => {
        const dashboardClientId = app.kind === 'dashboard' ? app.clientId : 'another client'
        const isAdmitted = admitsUser(place, caller) && admitsClient(place, app)
        const found = await findPrincipal(store, audience(place, dashboardClientId), hash, NOW)
        const combination = `${caller}; ${named(app)}`
        admitted.add(place, combination, { actual: found?.grantId === id, expected: isAdmitted && !place.isSuspended })
        excluded.add(place, combination, { actual: excludedBy.get(dashboardClientId)?.has(id) === true, expected: !isAdmitted })
      }
      await Promise.all(given.map(check))
    }
    admitted.check(12 * 5 * 20)
    excluded.check(12 * 5 * 20)
  })

  it('findMemberGrants finds only the grants at members-only servers', async () => {
    const results = new Results()
    for (const place of places) {
      for (const caller of CALLERS) {
        const found = await findMemberGrants(store, { tenantId: place.key.tenantId, userId: place.people[caller] })
        const actual = found.some(({ serverId }) => serverId === place.key.serverId)
        results.add(place, caller, { actual, expected: place.access === 'members' })
      }
    }
    results.check(12 * 5)
  })

  // the test of findPrincipal gave each caller a grant at each server, so each is a candidate
  it('findUsableServers offers servers that admit both user and client', async () => {
    const results = new Results()
    for (const caller of CALLERS) {
      for (const estate of estates) {
        const [{ apps, people }] = estate as [Place]
        for (const app of apps.filter(({ kind }) => AT_ROOT.some((known) => known === kind))) {
          const client = {
            clientId: app.clientId,
            ...(app.kind === 'registered at the root' ? {} : { documentHash: 'a hash' }),
            ...(app.kind === 'dashboard' ? { isDashboard: true as const } : {}),
          }
          const offered = await findUsableServers(store, { userId: people[caller], tenantId: undefined }, client, NOW)
          for (const place of estate) {
            const actual = offered.some(({ server }) => server === place.server.slug)
            const expected = admitsUser(place, caller) && admitsClient(place, app) && !place.isSuspended
            results.add(place, `${caller}; ${named(app)}`, { actual, expected })
          }
        }
      }
    }
    results.check(12 * 5 * 12)
  })
})

describe('machines', () => {
  it('findMachinePrincipal admits, and findExcludedMachines excludes, machine grants by client', async () => {
    const admitted = new Results()
    const excluded = new Results()
    for (const place of places) {
      const { key, server } = place
      const given = place.apps.flatMap((app) =>
        app.issuer !== undefined && MACHINES.some((kind) => kind === app.kind)
          ? [{ app, issuer: app.issuer, id: newId(), hash: newId() }]
          : [],
      )
      await write(
        given.flatMap(({ app, issuer, id, hash }) => [
          store.insert(machineGrants).values({ ...key, id, clientIssuer: issuer, clientId: app.clientId, scopes: ['mcp:read'] }),
          store.insert(machineTokens).values({
            ...key,
            issuer: server.urls.issuer,
            hash,
            grantId: id,
            scopes: ['mcp:read'],
            audience: server.urls.resource,
            expiresAt: LATER,
          }),
        ]),
      )
      const ended = new Set((await findExcludedMachines(store, key)).map(({ id }) => id))
      for (const { app, id, hash } of given) {
        const found = await findMachinePrincipal(store, audience(place, ''), hash, NOW)
        const isAdmitted = admitsClient(place, app)
        admitted.add(place, named(app), { actual: found?.principal.grantId === id, expected: isAdmitted && !place.isSuspended })
        excluded.add(place, named(app), { actual: ended.has(id), expected: !isAdmitted })
      }
    }
    admitted.check(12 * 12)
    excluded.check(12 * 12)
  })

  it('findKeyPrincipal admits, and findExcludedMachines excludes, access keys by holder', async () => {
    const admitted = new Results()
    const excluded = new Results()
    for (const place of places) {
      const { key, people } = place
      const row = () => ({
        ...key,
        id: newId(),
        keyHash: newId(),
        lastFour: '1234',
        name: 'a key',
        scopes: ['mcp:read' as const],
        expiresAt: LATER,
      })
      // a stranger can hold no key: the key's foreign key is to the membership
      const ofMembers = CALLERS.filter((caller) => caller !== 'stranger').map((caller) => ({
        holder: caller as string,
        isAdmitted: true,
        row: { ...row(), userId: people[caller] },
      }))
      const ofClients = place.apps.flatMap((app) =>
        app.kind === 'made by hand' && app.issuer !== undefined
          ? [
              {
                holder: named(app),
                isAdmitted: admitsClient(place, app),
                row: { ...row(), clientIssuer: app.issuer, clientId: app.clientId },
              },
            ]
          : [],
      )
      const given = [...ofMembers, ...ofClients]
      await write(given.map((each) => store.insert(accessKeys).values(each.row)))
      const ended = new Set((await findExcludedMachines(store, key)).map(({ id }) => id))
      for (const {
        holder,
        isAdmitted,
        row: { id, keyHash },
      } of given) {
        const found = await findKeyPrincipal(store, key, keyHash, NOW)
        admitted.add(place, holder, { actual: found?.principal.accessKeyId === id, expected: isAdmitted && !place.isSuspended })
        excluded.add(place, holder, { actual: ended.has(id), expected: !isAdmitted })
      }
    }
    admitted.check(12 * 8)
    excluded.check(12 * 8)
  })
})
