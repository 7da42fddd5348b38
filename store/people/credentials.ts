import { and, asc, eq, exists, isNull, ne, sql } from 'drizzle-orm'
import { newId } from '../../protocol/random.ts'
import { guard, isThere, tryCommit } from '../guard.ts'
import type { Store } from '../index.ts'
import { signIns } from '../schema/identities.ts'
import { credentials, users } from '../schema/people.ts'

/*
 * What a person proves to the whole platform who they are with. A password is better-auth's to check; here are subjects at the operator's OpenID provider,
 * each under its issuer, so that another provider in its place can never mean the same people.
 */

/** better-auth's name for a password's row. */
const PASSWORD = 'credential'

/** What the person's password was hashed to; undefined for who has none. */
export async function findPasswordHash(store: Store, userId: string): Promise<string | undefined> {
  const [row] = await store.select({ password: credentials.password }).from(credentials).where(passwordOf(userId))
  return row?.password ?? undefined
}

const passwordOf = (userId: string) => and(eq(credentials.userId, userId), eq(credentials.providerId, PASSWORD))

/**
 * Another password in place of the one that was checked, or a first one; every other sign-in of theirs ends with it. False where it was changed meanwhile.
 */
export async function replacePassword(
  store: Store,
  { userId, from, to, signInId }: { userId: string; from: string | undefined; to: string; signInId: string },
  now: Date,
): Promise<boolean> {
  const id = newId()
  return tryCommit(store, [
    ...(from === undefined
      ? [
          guard(store, sql`NOT EXISTS (SELECT 1 FROM ${credentials} WHERE ${passwordOf(userId)})`),
          store
            .insert(credentials)
            .values({ id, userId, providerId: PASSWORD, accountId: userId, password: to, createdAt: now, updatedAt: now }),
        ]
      : [
          isThere(store, credentials, and(passwordOf(userId), eq(credentials.password, from))),
          store.update(credentials).set({ password: to, updatedAt: now }).where(passwordOf(userId)),
        ]),
    store.delete(signIns).where(and(eq(signIns.userId, userId), ne(signIns.id, signInId), isNull(signIns.tenantId))),
  ])
}

/** A subject of the operator's provider. */
export interface PlatformSubject {
  issuer: string
  subject: string
}

export async function findCredential(store: Store, { issuer, subject }: PlatformSubject): Promise<{ userId: string } | undefined> {
  const [row] = await store
    .select({ userId: credentials.userId })
    .from(credentials)
    .where(and(eq(credentials.providerId, issuer), eq(credentials.accountId, subject), ne(credentials.providerId, PASSWORD)))
  return row
}

export interface KnownAddress {
  id: string
  emailVerified: boolean
  /** False for who can be signed in by a tenant's provider only: nobody has proven to the platform to be them. */
  hasCredential: boolean
}

export async function findByAddress(store: Store, email: string): Promise<KnownAddress | undefined> {
  const held = store
    .select({ one: sql`1` })
    .from(credentials)
    .where(eq(credentials.userId, users.id))
  const [row] = await store
    .select({ id: users.id, emailVerified: users.emailVerified, hasCredential: sql<number>`${exists(held)}` })
    .from(users)
    .where(eq(users.email, email.toLowerCase()))
  return row && { ...row, hasCredential: row.hasCredential === 1 }
}

interface NewCredential extends PlatformSubject {
  userId: string
  /** The user is made with it. */
  newcomer?: { name: string; email: string }
  /** The provider vouches for the user's own address. */
  provesAddress: boolean
}

/** False where the subject, or a newcomer's address, is somebody's already, or the person has another subject there: one is all they need. */
export async function addCredential(
  store: Store,
  { issuer, subject, userId, newcomer, provesAddress }: NewCredential,
  now: Date,
): Promise<boolean> {
  const another = store
    .select({ one: sql`1` })
    .from(credentials)
    .where(and(eq(credentials.userId, userId), eq(credentials.providerId, issuer)))
  return tryCommit(store, [
    guard(store, sql`NOT EXISTS ${another}`),
    ...(newcomer ? [store.insert(users).values({ id: userId, ...newcomer, createdAt: now, updatedAt: now })] : []),
    ...(provesAddress ? [store.update(users).set({ emailVerified: true, updatedAt: now }).where(eq(users.id, userId))] : []),
    store.insert(credentials).values({ id: newId(), userId, providerId: issuer, accountId: subject, createdAt: now, updatedAt: now }),
  ])
}

export async function findCredentials(store: Store, userId: string) {
  return store
    .select({ id: credentials.id, issuer: credentials.providerId, createdAt: credentials.createdAt })
    .from(credentials)
    .where(and(eq(credentials.userId, userId), ne(credentials.providerId, PASSWORD)))
    .orderBy(asc(credentials.createdAt), asc(credentials.id))
}

/** False where there is none of theirs, or nothing would be left to sign in with. */
export async function deleteCredential(store: Store, userId: string, id: string): Promise<boolean> {
  const password = store
    .select({ one: sql`1` })
    .from(credentials)
    .where(and(eq(credentials.userId, userId), eq(credentials.providerId, PASSWORD)))
  const gone = await store
    .delete(credentials)
    .where(and(eq(credentials.userId, userId), eq(credentials.id, id), ne(credentials.providerId, PASSWORD), exists(password)))
    .returning({ id: credentials.id })
  return gone.length === 1
}
