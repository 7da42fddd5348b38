/** Returns a lower-case clause as a sentence with a capital letter and a period. */
export function toSentence(clause: string): string {
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`
}
