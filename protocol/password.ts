/** Characters of a password. The most is a bound on what is hashed. */
export const MIN_PASSWORD = 10
export const MAX_PASSWORD = 128
