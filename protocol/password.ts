import { hashPassword, verifyPassword } from 'better-auth/crypto'

/** Lengths in characters. The maximum limits the cost of hashing. */
export const MIN_PASSWORD = 10
export const MAX_PASSWORD = 128

/**
 * Hashing with scrypt and a random salt per password. A check costs about 75 ms of CPU, so limit
 * attempts first.
 */
export const passwordHashing = { hash: hashPassword, verify: verifyPassword }
