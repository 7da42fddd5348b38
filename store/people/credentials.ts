import { and, asc, eq, exists, isNull, ne, sql } from 'drizzle-orm'
import { newId } from '../../protocol/random.ts'
import { guard, isThere, tryCommit } from '../guard.ts'
import type { Store } from '../index.ts'
import { signIns } from '../schema/identities.ts'
import { credentials, users } from '../schema/people.ts'

/*
 * Credentials for the whole platform: passwords, checked by better-auth, and subjects at the
 * operator's OpenID provider. A subject is stored under its issuer, so a later provider with equal
 * subjects cannot match old users.
 */

/** Provider id of password rows, as set by better-auth. */
const PASSWORD = 'credential'

/** Returns the hash of the user's password; undefined if the user has no password. */
export async function findPasswordHash(store: Store, userId: string): Promise<string | undefined> {
  const [row] = await store.select({ password: credentials.password }).from(credentials).where(passwordOf(userId))
  return row?.password ?? undefined
}

const passwordOf = (userId: string) => and(eq(credentials.userId, userId), eq(credentials.providerId, PASSWORD))

/**
 * Replaces the checked password, or sets the first password. Ends every platform-wide sign-in of
 * the user except `signInId`. Returns false if the password has changed meanwhile.
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

/** A subject at the operator's OpenID provider. */
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
  /**
   * False if the user can sign in through a tenant's provider only. Such a user has proven no
   * identity to the platform.
   */
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
  /** Set to create the user together with the credential. */
  newcomer?: { name: string; email: string }
  /** True if the provider vouches for the user's own address. */
  provesAddress: boolean
}

/**
 * Returns false if the subject or the newcomer's address is taken, or if the user already has a
 * subject at the issuer.
 */
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

/** Returns false if the user has no such credential, or no password left to sign in with. */
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
