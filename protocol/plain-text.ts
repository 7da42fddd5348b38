/** Invisible control and text-direction characters, which can make two names look alike. */
const HIDDEN = String.raw`\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069`

/**
 * Matches a line without invisible characters, or an empty line. Used for every name and
 * description shown to other users.
 */
export const PLAIN_LINE = new RegExp(`^[^${HIDDEN}]*$`, 'u')

export function stripHiddenCharacters(text: string): string {
  return text.replaceAll(new RegExp(`[${HIDDEN}]`, 'gu'), '')
}

/** Returns a lower-case clause as a sentence with a capital letter and a period. */
export function toSentence(clause: string): string {
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`
}
