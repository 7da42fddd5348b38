/** Control and text-direction characters: unseen themselves, they make one name look like another. */
const HIDDEN = String.raw`\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069`

/** Matches a line of text that is what it looks like, also an empty one: for every name and description that a stranger may be shown. */
export const PLAIN_LINE = new RegExp(`^[^${HIDDEN}]*$`, 'u')

export function stripHiddenCharacters(text: string): string {
  return text.replaceAll(new RegExp(`[${HIDDEN}]`, 'gu'), '')
}

/** Returns a lower-case clause as a sentence with a capital letter and a period. */
export function toSentence(clause: string): string {
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`
}
