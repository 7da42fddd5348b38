/**
 * Rules for text that one party writes and another party reads. A name has no invisible characters.
 * A longer text may have the invisible characters that its writing system needs.
 */

/**
 * Every character without a shape of its own: controls, default ignorables (UAX #44), blanks that
 * are not spaces, layout controls and lone surrogates.
 */
const INVISIBLE = String.raw`\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\ufff9-\ufffb\u{13430}-\u{13440}`
const IS_INVISIBLE = new RegExp(`[${INVISIBLE}]`, 'u')

/** Matches a line without invisible characters, or an empty line. */
export const VISIBLE_LINE = new RegExp(`^[^${INVISIBLE}]*$`, 'u')

export const MAX_NAME_CHARACTERS = 64

/** Result of {@link visibleName}. A problem is a predicate such as "is longer than 64 letters". */
export type VisibleName = { name: string; problem?: never } | { problem: string; name?: never }

/**
 * Returns a name in its one spelling: NFKC, single spaces, no space at either end, no variation
 * selector. Returns the problem of a name that is empty, too long, or has invisible characters.
 */
export function visibleName(text: string, maxCharacters = MAX_NAME_CHARACTERS): VisibleName {
  // NFKC makes up to 18 characters of one, and never one of more than four
  if (text.length > 8 * maxCharacters) return { problem: `is longer than ${maxCharacters} characters` }
  const name = text
    .normalize('NFKC')
    .replaceAll(/(?<=\p{Emoji})[\ufe0e\ufe0f]/gu, '')
    .replaceAll(/[\p{Zs}]+/gu, ' ')
    .replaceAll(/^ | $/g, '')
  if (name === '') return { problem: 'is empty' }
  if (Array.from(name).length > maxCharacters) return { problem: `is longer than ${maxCharacters} characters` }
  const hidden = IS_INVISIBLE.exec(name)?.[0]
  if (hidden !== undefined) return { problem: `has the invisible character ${characterLabel(hidden)}` }
  if (/\p{Mn}{5}/u.test(name)) return { problem: 'has more than four marks on one letter' }
  return { name }
}

/** Removes every invisible character. */
export function stripInvisible(text: string): string {
  return text.replaceAll(new RegExp(`[${INVISIBLE}]`, 'gu'), '')
}

/** Escapes every invisible character except line feed and tab, so that a reader sees each. */
export function showInvisible(text: string): string {
  return text.replaceAll(new RegExp(`(?![\n\t])[${INVISIBLE}]`, 'gu'), (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16)
    return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`
  })
}

/** A character that only hides. */
export interface Hiding {
  /** Code point and Unicode name, such as `U+200B ZERO WIDTH SPACE`. */
  character: string
  /** Position in the text. The first character is 1. */
  position: number
}

/**
 * Returns the first character of a text that hides from a person but reaches a model. Direction
 * marks, joiners and variation selectors pass where a writing system or an emoji needs them.
 */
export function findHiding(text: string): Hiding | undefined {
  if (!IS_INVISIBLE.test(text)) return undefined
  const characters = Array.from(text)
  const whole: Whole = { rightToLeft: RIGHT_TO_LEFT.test(text), braille: /[\u2801-\u28ff]/.test(text) }
  const open: { closedBy: string; position: number; character: string }[] = []
  let flag = 0
  for (const [at, character] of characters.entries()) {
    if (at < flag || !IS_INVISIBLE.test(character)) continue
    const hiding = { character: characterLabel(character), position: at + 1 }
    const before = characters[at - 1] ?? ''
    const after = characters[at + 1] ?? ''
    if (/[\n\u2029]/.test(character)) {
      if (open[0]) return { character: open[0].character, position: open[0].position }
    } else if (OPENERS.has(character)) {
      const needsRightToLeft = /[\u202a\u202b\u2067]/.test(character)
      if (open.length === MAX_NESTED || (needsRightToLeft && !whole.rightToLeft)) return hiding
      open.push({ ...hiding, closedBy: OPENERS.get(character) ?? '' })
    } else if (open.length > 0 && character === open.at(-1)?.closedBy) {
      // an empty pair only carries a hidden bit
      if (OPENERS.has(before)) return hiding
      open.pop()
    } else if (before === '\u{1f3f4}' && isTag(character)) {
      flag = at + flagLength(characters, at)
      if (flag === at) return hiding
    } else if (!isNeeded(character, { before, after, earlier: characters[at - 2] ?? '', whole })) {
      return hiding
    }
  }
  return open[0] && { character: open[0].character, position: open[0].position }
}

/** Kinds of letters in a text, at any place. */
interface Whole {
  rightToLeft: boolean
  braille: boolean
}

interface Place {
  before: string
  after: string
  earlier: string
  whole: Whole
}

const MAX_NESTED = 3
/** Characters that open a direction, with the character that closes each. Overrides only hide. */
const OPENERS = new Map([
  ['\u202a', '\u202c'],
  ['\u202b', '\u202c'],
  ['\u2066', '\u2069'],
  ['\u2067', '\u2069'],
  ['\u2068', '\u2069'],
])
const scripts = (...names: string[]) => names.map((name) => String.raw`\p{Script_Extensions=${name}}`).join('')
const RIGHT_TO_LEFT = new RegExp(
  `(?=[\\p{L}\\p{N}])[${scripts('Hebrew', 'Arabic', 'Syriac', 'Thaana', 'Nko', 'Samaritan', 'Mandaic', 'Adlam', 'Hanifi_Rohingya')}]`,
  'u',
)
/** Scripts in which a joiner or a non-joiner changes the shape of letters. */
const JOINED = new RegExp(
  `^(?=[\\p{L}\\p{M}])[${scripts('Arabic', 'Syriac', 'Nko', 'Mandaic', 'Mongolian', 'Phags_Pa', 'Adlam', 'Hanifi_Rohingya')}${scripts('Devanagari', 'Bengali', 'Gurmukhi', 'Gujarati', 'Oriya', 'Tamil', 'Telugu', 'Kannada', 'Malayalam', 'Sinhala')}${scripts('Khmer', 'Myanmar', 'Tibetan', 'Balinese', 'Javanese')}]`,
  'u',
)
/** Scripts without spaces between words, in which a zero width space allows a line break. */
const UNSPACED = new RegExp(`^[${scripts('Thai', 'Lao', 'Khmer', 'Myanmar', 'Tibetan', 'Tai_Tham', 'Balinese', 'Javanese')}]`, 'u')
/** Characters with variants that Unicode lists for the first variation selectors. */
const STANDARD_VARIANTS = new RegExp(`^[\\p{Sm}${scripts('Han', 'Myanmar', 'Phags_Pa', 'Egyptian_Hieroglyphs')}]$`, 'u')
const PICTURE = /^[\p{Extended_Pictographic}\p{Emoji_Modifier}]$/u

/** Returns true if a writing system or an emoji needs the invisible character at this place. */
function isNeeded(character: string, { before, after, earlier, whole }: Place): boolean {
  const code = character.codePointAt(0) ?? 0
  switch (true) {
    case character === '\t' || character === '\r' || code === 0x2028:
      return true
    case code === 0x200e || code === 0x200f || code === 0x061c:
      return whole.rightToLeft && !isMark(before)
    case code === 0x200c:
      return JOINED.test(before) || (JOINED.test(after) && !IS_INVISIBLE.test(before))
    case code === 0x200d:
      if (JOINED.test(before) || (JOINED.test(after) && !IS_INVISIBLE.test(before))) return true
      return /^\p{Extended_Pictographic}$/u.test(after) && PICTURE.test(before === '\ufe0f' ? earlier : before)
    case code === 0x200b:
      return !IS_INVISIBLE.test(before) && (UNSPACED.test(before) || UNSPACED.test(after))
    case code === 0xfe0e || code === 0xfe0f:
      return /^[0-9#*]$/.test(before) ? after === '\u20e3' : /^\p{Emoji}$/u.test(before)
    case code >= 0xfe00 && code <= 0xfe02:
      return STANDARD_VARIANTS.test(before)
    case code >= 0xe0100 && code <= 0xe01ef:
      return /^\p{Unified_Ideograph}$/u.test(before)
    case code >= 0x180b && code <= 0x180f:
      return /^\p{Script=Mongolian}$/u.test(before) && !IS_INVISIBLE.test(before)
    case code === 0x034f:
      return /^\p{M}$/u.test(before) && /^\p{M}$/u.test(after)
    case code === 0x115f:
      return /^[\u1161-\u11a7]$/.test(after)
    case code === 0x1160:
      return /^[\u1100-\u115e]$/.test(before)
    case code === 0x2800:
      return whole.braille
    case code >= 0x13430 && code <= 0x13440:
      return /^\p{Script=Egyptian_Hieroglyphs}$/u.test(before)
    default:
      return false
  }
}

function isMark(character: string): boolean {
  return /^[\u200e\u200f\u061c]$/.test(character)
}

function isTag(character: string): boolean {
  return /^[\u{e0020}-\u{e007f}]$/u.test(character)
}

/** Flags of regions, which Unicode spells with tags: England, Scotland and Wales. */
const FLAGS: ReadonlySet<string> = new Set(['gbeng', 'gbsct', 'gbwls'])

/** Returns the number of tags of a flag that starts here, or 0. */
function flagLength(characters: readonly string[], at: number): number {
  const region = characters.slice(at, at + 5).map((character) => String.fromCharCode((character.codePointAt(0) ?? 0) & 0x7f))
  return FLAGS.has(region.join('')) && characters[at + 5] === '\u{e007f}' && characters.slice(at, at + 5).every(isTag) ? 6 : 0
}

const CONTROLS =
  'NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'.split(' ')

/** Names of the Unicode Character Database. A name of a range stands at the first character. */
const NAMES: readonly (readonly [first: number, last: number, name: string])[] = [
  [0x7f, 0x7f, 'DELETE'],
  [0x85, 0x85, 'NEXT LINE'],
  [0x80, 0x9f, 'CONTROL'],
  [0xad, 0xad, 'SOFT HYPHEN'],
  [0x034f, 0x034f, 'COMBINING GRAPHEME JOINER'],
  [0x061c, 0x061c, 'ARABIC LETTER MARK'],
  [0x115f, 0x115f, 'HANGUL CHOSEONG FILLER'],
  [0x1160, 0x1160, 'HANGUL JUNGSEONG FILLER'],
  [0x17b4, 0x17b4, 'KHMER VOWEL INHERENT AQ'],
  [0x17b5, 0x17b5, 'KHMER VOWEL INHERENT AA'],
  [0x180e, 0x180e, 'MONGOLIAN VOWEL SEPARATOR'],
  [0x180b, 0x180f, 'MONGOLIAN FREE VARIATION SELECTOR'],
  [0x200b, 0x200b, 'ZERO WIDTH SPACE'],
  [0x200c, 0x200c, 'ZERO WIDTH NON-JOINER'],
  [0x200d, 0x200d, 'ZERO WIDTH JOINER'],
  [0x200e, 0x200e, 'LEFT-TO-RIGHT MARK'],
  [0x200f, 0x200f, 'RIGHT-TO-LEFT MARK'],
  [0x2028, 0x2028, 'LINE SEPARATOR'],
  [0x2029, 0x2029, 'PARAGRAPH SEPARATOR'],
  [0x202a, 0x202a, 'LEFT-TO-RIGHT EMBEDDING'],
  [0x202b, 0x202b, 'RIGHT-TO-LEFT EMBEDDING'],
  [0x202c, 0x202c, 'POP DIRECTIONAL FORMATTING'],
  [0x202d, 0x202d, 'LEFT-TO-RIGHT OVERRIDE'],
  [0x202e, 0x202e, 'RIGHT-TO-LEFT OVERRIDE'],
  [0x2060, 0x2060, 'WORD JOINER'],
  [0x2061, 0x2061, 'FUNCTION APPLICATION'],
  [0x2062, 0x2062, 'INVISIBLE TIMES'],
  [0x2063, 0x2063, 'INVISIBLE SEPARATOR'],
  [0x2064, 0x2064, 'INVISIBLE PLUS'],
  [0x2066, 0x2066, 'LEFT-TO-RIGHT ISOLATE'],
  [0x2067, 0x2067, 'RIGHT-TO-LEFT ISOLATE'],
  [0x2068, 0x2068, 'FIRST STRONG ISOLATE'],
  [0x2069, 0x2069, 'POP DIRECTIONAL ISOLATE'],
  [0x206a, 0x206f, 'DEPRECATED FORMAT CHARACTER'],
  [0x2800, 0x2800, 'BRAILLE PATTERN BLANK'],
  [0x3164, 0x3164, 'HANGUL FILLER'],
  [0xd800, 0xdfff, 'LONE SURROGATE'],
  [0xfeff, 0xfeff, 'ZERO WIDTH NO-BREAK SPACE'],
  [0xffa0, 0xffa0, 'HALFWIDTH HANGUL FILLER'],
  [0xfff9, 0xfff9, 'INTERLINEAR ANNOTATION ANCHOR'],
  [0xfffa, 0xfffa, 'INTERLINEAR ANNOTATION SEPARATOR'],
  [0xfffb, 0xfffb, 'INTERLINEAR ANNOTATION TERMINATOR'],
  [0x13430, 0x13440, 'EGYPTIAN HIEROGLYPH FORMAT CONTROL'],
  [0x1bca0, 0x1bca3, 'SHORTHAND FORMAT CHARACTER'],
  [0x1d173, 0x1d17a, 'MUSICAL SYMBOL FORMAT CHARACTER'],
  [0xe0001, 0xe0001, 'LANGUAGE TAG'],
  [0xe0020, 0xe0020, 'TAG SPACE'],
  [0xe007f, 0xe007f, 'CANCEL TAG'],
]

/** Returns code point and name of an invisible character, such as `U+200B ZERO WIDTH SPACE`. */
export function characterLabel(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')} ${characterName(code)}`
}

function characterName(code: number): string {
  if (code < 0x20) return `CONTROL ${CONTROLS[code] ?? ''}`
  if (code >= 0xfe00 && code <= 0xfe0f) return `VARIATION SELECTOR-${code - 0xfe00 + 1}`
  if (code >= 0xe0100 && code <= 0xe01ef) return `VARIATION SELECTOR-${code - 0xe0100 + 17}`
  if (code > 0xe0020 && code < 0xe007f) return `TAG ${String.fromCharCode(code & 0x7f)}`
  return NAMES.find(([first, last]) => first <= code && code <= last)?.[2] ?? 'DEFAULT IGNORABLE CODE POINT'
}
