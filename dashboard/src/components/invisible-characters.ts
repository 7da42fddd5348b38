/**
 * Invisible characters: format characters (Cf), such as direction marks, and control characters
 * (Cc) except tab and line feed. Joiners (U+200C, U+200D) stay, because scripts and emoji need
 * them.
 */
export const MARKS = /((?![\t\n\u200c\u200d])[\p{Cf}\p{Cc}])/u

export const IS_MARK = new RegExp(`^${MARKS.source}$`, 'u')
